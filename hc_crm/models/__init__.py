from . import (
    timeline,
    persona,
    fact,
    profiling,
    preference,
    insight,
    segment,
    recommendation,
    consent,
    outreach,
    brief,
    today,
)
