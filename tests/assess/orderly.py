"""A new project with everything in order, and one that has got as far as its works permit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from geoplan.layers.model import Project

# 800 households at 20 m² for every 100 owe 160 m² of each kind, and everything is in order.
GOOD = Project(
    2,
    "P1",
    "江景苑",
    planned_households=Decimal(800),
    planning_condition_date=date(2022, 5, 1),
    land_grant_date=date(2022, 8, 1),
    land_clause=True,
    land_permit_date=date(2022, 9, 1),
    scheme_review_date=date(2022, 10, 1),
    works_permit_date=date(2022, 11, 1),
    permit_elder_m2=Decimal(160),
    permit_childcare_m2=Decimal(160),
    housing_start_date=date(2022, 12, 1),
    facility_start_date=date(2022, 12, 1),
    presale_date=date(2023, 2, 1),
    completion_check_date=date(2023, 4, 1),
    measured_elder_m2=Decimal(160),
    measured_childcare_m2=Decimal(160),
    housing_acceptance_date=date(2023, 5, 10),
    facility_acceptance_date=date(2023, 5, 10),
    civil_affairs_opinion=True,
    health_opinion=True,
    housing_delivery_date=date(2023, 6, 30),
    facility_handover_date=date(2023, 5, 20),
    handed_elder_m2=Decimal(160),
    handed_childcare_m2=Decimal(160),
)
AT_PERMIT = Project(
    2,
    "P1",
    "江景苑",
    planned_households=Decimal(800),
    land_grant_date=date(2022, 8, 1),
    land_clause=True,
    works_permit_date=date(2022, 11, 1),
    permit_elder_m2=Decimal(160),
    permit_childcare_m2=Decimal(160),
)
