"""The layout of the histogram of years."""

from types import SimpleNamespace

from sessions_app.catalogue.charts import layout_year_bars


def chart_of(*years):
    return layout_year_bars(
        [
            SimpleNamespace(value=year, count=1, share=100, url="?", selected=False)
            for year in years
        ],
        "session",
    )


def test_years_without_sessions_leave_a_gap():
    chart = chart_of("2015", "2016", "2019")

    assert [float(bar.x) for bar in chart["bars"]] == [0, 112.5, 450]
    assert [label for _, label in chart["labels"]] == ["2015", "2016", "2017", "2018", "2019"]


def test_distant_years_are_adjacent():
    chart = chart_of("0001", "2019")

    assert [float(bar.x) for bar in chart["bars"]] == [0, 112.5]
    assert [label for _, label in chart["labels"]] == ["0001", "2019"]


def test_few_sessions_have_low_bars():
    chart = layout_year_bars(
        [
            SimpleNamespace(value=year, count=count, share=100, url="?", selected=False)
            for year, count in (("2019", 1), ("2020", 1))
        ],
        "session",
    )

    assert {float(bar.height) for bar in chart["bars"]} == {24.5}


def test_no_years_give_an_empty_chart():
    assert chart_of()["bars"] == []
