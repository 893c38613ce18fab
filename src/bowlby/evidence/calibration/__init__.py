"""Calibration: which population parameters agree with the published findings.

`parameters` names what may move, `runs` simulates, `emulator` learns each finding from the
runs, `matching` finds the region that is not ruled out, `folds` asks how well it predicts
findings that it was not fitted to, `screening` which parameters matter to what.
"""
