"""The command line: one file per command, heavy imports inside the commands."""

from bowlby.cli._app import app
from bowlby.cli.calibrate import calibrate
from bowlby.cli.demo import demo
from bowlby.cli.evidence import evidence
from bowlby.cli.formats import formats
from bowlby.cli.inspect import inspect
from bowlby.cli.measure import measure
from bowlby.cli.motion import motion
from bowlby.cli.multiverse import multiverse
from bowlby.cli.outcomes import outcomes
from bowlby.cli.power import power
from bowlby.cli.practise import practise
from bowlby.cli.repeat import repeat
from bowlby.cli.samples import samples
from bowlby.cli.simulate import simulate
from bowlby.cli.talk import codes, turns
from bowlby.cli.trial import trial
from bowlby.cli.variance import variance

__all__ = [
    "app",
    "calibrate",
    "codes",
    "demo",
    "evidence",
    "formats",
    "inspect",
    "measure",
    "motion",
    "multiverse",
    "outcomes",
    "power",
    "practise",
    "repeat",
    "samples",
    "simulate",
    "trial",
    "turns",
    "variance",
]
