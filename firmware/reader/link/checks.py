"""What a request's body must hold. Each raises ValueError: the answer is then "bad value"."""


def integer(body, key, low, high, default=None):
    """Return body[key], an integer in low..high; the default when the key is missing and there is one."""
    value = body.get(key, default)
    if value is None or isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(key)
    return value


def text(body, key, shortest, longest, default=None):
    """Return body[key], printable ASCII of shortest..longest characters; the default as above."""
    value = body.get(key, default)
    if not isinstance(value, str) or not shortest <= len(value) <= longest:
        raise ValueError(key)
    for char in value:
        if not " " <= char <= "~":
            raise ValueError(key)
    return value


def data(body, key, size, longest=None):
    """Return body[key], exactly `size` bytes, or `size` to `longest`."""
    value = body.get(key)
    if not isinstance(value, bytes) or not size <= len(value) <= (longest or size):
        raise ValueError(key)
    return value
