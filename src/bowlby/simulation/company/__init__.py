"""Who a care-seeker can be with: one file a kind of figure."""

from bowlby.simulation.company.caregiver import CAREGIVER
from bowlby.simulation.company.investor import INVESTOR
from bowlby.simulation.company.therapist import THERAPIST

__all__ = ["CAREGIVER", "INVESTOR", "THERAPIST"]
