"""An experiment on handwritten digits, from raw data to figures.

`digits.program` has the stages, `digits.model` the classifiers, `digits.optimizers` what trains them, and
`digits.figures` the pictures.
"""
