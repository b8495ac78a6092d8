"""Every number of the study that can be recomputed or bounded from what the study itself prints.

`study` holds the printed text and the raw counts, nothing derived. The other modules derive: `counts`
totals and rates, `categorical` P values of cross-tables, `hazard` what a hazard ratio and its limits imply,
`models` the lines of Table 2, `survival` medians and log-rank tests, `findings` the misprints.
"""
