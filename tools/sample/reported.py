"""Indicator values as their bureaus would type them in: all invented, none computed.

Belongs here: one row a value and a day.
"""

from __future__ import annotations

# indicator, unit, bureau, end of 2021, end of 2023
REPORTED = (
    ("elder_staff_trained", "万人次", "市民政局", "", "0.295"),
    ("city_elder_guidance_center", "个", "市民政局", "0", "1"),
    ("region_smart_elder_home", "个", "市大数据局", "0", "0"),
    ("city_smart_elder_home", "个", "市大数据局", "0", "1"),
    ("elder_livable_community", "个", "市住房城乡建设局", "0", "0"),
    ("childcare_staff_trained", "万人次", "市卫生健康委", "", "0.31"),
    ("city_infant_guidance_center", "个", "市卫生健康委", "1", "1"),
    ("county_infant_guidance_rate", "%", "市卫生健康委（全市七县口径）", "14.29", "42.86"),
    ("model_childcare_institution", "个", "市卫生健康委", "0", "1"),
    ("staff_professional_training_rate", "%", "市人力资源社会保障局", "", "80.00"),
    ("discipline_points_added", "个", "市教育局", "10", "18"),
    ("lottery_fund_share", "%", "市财政局", "57.30", "61.20"),
    ("elder_medical_contract_share", "%", "市卫生健康委", "72.00", "83.33"),
    ("hospital_geriatric_share", "%", "市卫生健康委", "50.00", "60.00"),
    ("elder_health_management_rate", "%", "市卫生健康委", "66.40", "70.00"),
    ("filed_on_platform_rate", "%", "市卫生健康委", "100", "100"),
)


def list_reported() -> list[dict[str, str]]:
    """A row for every value that is there."""
    return [
        {
            "indicator_id": key,
            "as_of": day,
            "value": value,
            "unit": unit,
            "source": f"{bureau}（示意）",
        }
        for key, unit, bureau, before, after in REPORTED
        for day, value in (("2021-12-31", before), ("2023-12-31", after))
        if value
    ]
