"""What pyproject.toml cannot say: the C core's cffi module is built with the package."""

from setuptools import setup

setup(cffi_modules=["native/bindings/cffi/build_core.py:ffibuilder"])
