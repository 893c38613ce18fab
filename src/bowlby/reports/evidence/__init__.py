"""Reports of the model against published findings, and of its calibration to them."""

from bowlby.reports.evidence.calibration import (
    CalibrationContent,
    EffectsMap,
    write_calibration_report,
)
from bowlby.reports.evidence.findings import EvidenceContent, write_evidence_report

__all__ = [
    "CalibrationContent",
    "EffectsMap",
    "EvidenceContent",
    "write_calibration_report",
    "write_evidence_report",
]
