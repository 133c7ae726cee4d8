"""Reports from their submission to the file that a reader opens."""

import csv
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from tests.countries import deploy_few, refresh
from tests.harness import ENVIRONMENT, Deployment
from windrow.engine.submit import submit
from windrow.errors import InvalidParams
from windrow.model.records import Task
from windrow.model.states import State

ROWS = [
    {"country": "Türkiye", "price": 12.5, "units": 3, "since": "2024-01-15", "open": True},
    {"country": "Nigeria ₦", "price": 0.25, "units": -40, "since": "2023-02-28", "open": False},
    {"country": "=HYPERLINK(1)", "price": 7, "units": None, "since": "soon", "open": True},
]


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployment]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        with deploy_few() as deployment:
            yield deployment


def made(deployment: Deployment, form: str, params: dict[str, Any]) -> Task:
    """The task that made a report, when it is over."""
    submitted = submit(deployment.engine, f"reports.generate_{form}", params)
    deployment.pump()
    return deployment.task(submitted.task.ref.task)


def file_of(deployment: Deployment, task: Task) -> tuple[dict[str, Any], bytes]:
    """The result of a report, and what lies behind its link."""
    assert task.state is State.SUCCEEDED, task.error
    result = json.loads(task.result or "null")
    return result, deployment.services.s3.signatures.fetch(result["report_url"])


def test_a_pdf_has_a_title_a_chart_a_table_and_numbers_on_its_pages(deployed: Deployment) -> None:
    rows = [[f"Row {number} of Türkiye", number, "₦ 1,000"] for number in range(1, 121)]
    params = {"title": "Prices", "columns": ["What", "Units", "Price"], "rows": rows}

    result, body = file_of(deployed, made(deployed, "pdf", params))

    pages = [page.extract_text() for page in PdfReader(BytesIO(body)).pages]
    assert result == {
        "status": "success",
        "report_url": result["report_url"],
        "expires_at": result["expires_at"],
        "bytes": len(body),
        "generated_file": "Prices.pdf",
    }
    assert len(pages) == 4
    assert "Prices" in pages[0]
    assert "Units by What: the 12 largest" in pages[0]
    assert all("What" in page and f"Page {n} of 4" in page for n, page in enumerate(pages, 1))
    found = "".join(pages)
    assert all(f"Row {number} of Türkiye" in found for number in range(1, 121))
    assert "₦ 1,000" in found


def test_the_chart_of_a_pdf_is_drawn_as_shapes(deployed: Deployment) -> None:
    params = {"title": "Prices", "columns": ["What", "Units"], "rows": [["a", 1], ["b", 4]]}

    _, with_chart = file_of(deployed, made(deployed, "pdf", params))
    _, without = file_of(deployed, made(deployed, "pdf", {**params, "chart": "none"}))

    def bars(body: bytes) -> int:
        content = PdfReader(BytesIO(body)).pages[0].get_contents()
        assert content is not None
        return content.get_data().count(b" re")

    # Each label has a track and a bar on it.
    assert bars(with_chart) - bars(without) >= 4


def test_a_second_attempt_writes_the_same_bytes(deployed: Deployment) -> None:
    """The figures of tasks have changed meanwhile; the report is of when it was asked for."""
    deployed.port.plan("killed after", "PutObject", Key="reports/")
    task_id = made(deployed, "pdf", {"title": "Twice"}).ref.task
    bucket = deployed.services.s3.buckets[ENVIRONMENT["WINDROW_BUCKET"]]
    first = bucket[f"reports/default/{task_id}.pdf"].body

    made(deployed, "csv", {"rows": [[1]]})
    deployed.count()
    deployed.run_for(timedelta(minutes=5))

    task = deployed.task(task_id)
    assert task.attempt == 2
    assert file_of(deployed, task)[1] == first


def test_a_workbook_has_typed_cells_a_frozen_header_and_a_chart(deployed: Deployment) -> None:
    result, body = file_of(deployed, made(deployed, "excel", {"title": "Shop", "rows": ROWS}))

    book = load_workbook(BytesIO(body))
    data, overview = book["Data"], book["Overview"]
    assert result["generated_file"] == "Shop.xlsx"
    assert data.freeze_panes == "A2"
    assert [cell.value for cell in data[1]] == ["country", "price", "units", "since", "open"]
    country, price, units, since, is_open = data[2]
    assert (country.value, price.value, units.value) == ("Türkiye", 12.5, 3)
    assert (since.is_date, str(since.value), is_open.value) == (True, "2024-01-15 00:00:00", True)
    assert [cell.value for cell in data[4]] == ["=HYPERLINK(1)", 7, None, "soon", True]
    assert data["A4"].data_type == "s"
    assert overview["A1"].value == "Shop"
    assert len(overview._charts) == 1


@pytest.mark.parametrize("name", ["=1+cmd|' /C calc'!A0", "Data!A1", "=SUM(1)"])
def test_a_column_whose_name_looks_like_a_formula_titles_the_chart_as_text(
    deployed: Deployment, name: str
) -> None:
    rows = [["a", 1], ["b", 4]]
    _, body = file_of(
        deployed, made(deployed, "excel", {"columns": [name, name + "2"], "rows": rows})
    )

    with ZipFile(BytesIO(body)) as parts:
        chart = parts.read("xl/charts/chart1.xml").decode()
        sheets = [parts.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2)]
    formulas = re.findall("<c:f>(.*?)</c:f>", chart)
    title = load_workbook(BytesIO(body))["Overview"]["A4"]
    assert formulas
    assert all(re.fullmatch(r"Overview!\$[A-Z]\$\d+(:\$[A-Z]\$\d+)?", each) for each in formulas)
    assert "Overview!$A$4" in formulas
    assert f"<c:v>{name}2 by {name}</c:v>" in chart
    assert (title.value, title.data_type) == (f"{name}2 by {name}", "s")
    assert not any("<f>" in sheet for sheet in sheets)


def test_a_workbook_shows_numbers_of_a_column_alike_and_writes_them_as_they_are(
    deployed: Deployment,
) -> None:
    rows = [["Bern", 93.4, 340], ["Rome", 340, 5], ["Oslo", 5.75, -3]]
    params = {"rows": rows, "columns": ["City", "Price", "Units"]}

    _, body = file_of(deployed, made(deployed, "excel", params))

    with ZipFile(BytesIO(body)) as files:
        sheets = [files.read(f"xl/worksheets/sheet{number}.xml") for number in (1, 2)]
    assert all(b"<v>93.4</v>" in sheet for sheet in sheets)
    book = load_workbook(BytesIO(body))
    data, overview = book["Data"], book["Overview"]
    assert [data.cell(2, column).number_format for column in (2, 3)] == ["#,##0.00", "#,##0"]
    assert [data.cell(row, 2).number_format for row in (3, 4)] == ["#,##0.00"] * 2
    assert overview["B6"].number_format == "#,##0.00"
    assert [overview["A5"].value, overview["B5"].value] == ["City", "Price"]


def test_csv_is_read_back_and_no_cell_of_it_is_a_formula(deployed: Deployment) -> None:
    rows = [*ROWS, {"country": 'a "quoted", cell\nof two lines', "price": -1, "units": 2}]

    result, body = file_of(deployed, made(deployed, "csv", {"rows": rows}))

    assert result["generated_file"] == "Report.csv"
    assert list(csv.reader(StringIO(body.decode(), newline=""))) == [
        ["country", "price", "units", "since", "open"],
        ["Türkiye", "12.5", "3", "2024-01-15", "true"],
        ["Nigeria ₦", "0.25", "-40", "2023-02-28", "false"],
        ["'=HYPERLINK(1)", "7", "", "soon", "true"],
        ['a "quoted", cell\nof two lines', "-1", "2", "", ""],
    ]
    assert body.count(b"\r\n") == 5


def test_fields_that_nobody_knows_are_a_report_of_two_columns(deployed: Deployment) -> None:
    task = made(deployed, "csv", {"fir_id": "fir_12345", "pages": 3})

    _, body = file_of(deployed, task)

    assert json.loads(task.params) == {"fir_id": "fir_12345", "pages": 3}
    assert body.decode() == "Field,Value\r\nfir_id,fir_12345\r\npages,3\r\n"


def test_without_rows_it_is_the_work_of_the_last_day(deployed: Deployment) -> None:
    made(deployed, "csv", {"rows": [[1]]})
    deployed.count()

    _, body = file_of(deployed, made(deployed, "csv", {}))

    header, *lines = body.decode().splitlines()
    assert header.startswith("Task,Waiting,Running,Submitted,Succeeded,Failed")
    assert any(line.startswith("reports.generate_csv,0,0,") for line in lines)


def test_the_countries_are_a_report_with_their_filters(deployed: Deployment) -> None:
    refresh(deployed)

    params = {"title": "Africa", "source": "countries", "region": "africa"}
    _, body = file_of(deployed, made(deployed, "pdf", params))

    page = PdfReader(BytesIO(body)).pages[0].extract_text()
    assert "Côte d'Ivoire" in page
    assert "Nigeria" in page
    assert "Germany" not in page
    assert "Estimated GDP in billion US$" in page


def test_the_overview_of_the_countries_names_the_unit_of_its_values(deployed: Deployment) -> None:
    refresh(deployed)

    _, body = file_of(deployed, made(deployed, "excel", {"source": "countries"}))

    overview = load_workbook(BytesIO(body))["Overview"]
    assert [overview["A5"].value, overview["B5"].value] == ["Country", "GDP, billion US$"]


def test_a_report_lies_under_the_name_of_its_task(deployed: Deployment) -> None:
    task = made(deployed, "csv", {"rows": [["x"]], "file_name": "my report (1).csv"})

    result, body = file_of(deployed, task)

    bucket = deployed.services.s3.buckets[ENVIRONMENT["WINDROW_BUCKET"]]
    assert bucket[f"reports/default/{task.ref.task}.csv"].body == body
    assert result["generated_file"] == "my_report_1.csv"


@pytest.mark.parametrize(
    ("form", "params", "said"),
    [
        ("csv", {"rows": [[1]], "source": "tasks"}, "give rows or a source, not both"),
        ("csv", {"rows": [[1]], "titel": "x"}, "unknown beside a table: titel"),
        ("csv", {"columns": ["a"], "rows": [[1, 2]]}, "row 1 has 2 cells, and there are 1 columns"),
        ("csv", {"columns": ["a", "a"], "rows": []}, "columns must have different names"),
        ("pdf", {"rows": [[0] * 13]}, "at most 12 columns"),
        ("pdf", {"rows": [[0]] * 5001}, "at most 5,000 rows"),
    ],
)
def test_what_cannot_be_a_report_is_refused_before_it_is_stored(
    deployed: Deployment, form: str, params: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidParams, match=re.escape(said)):
        submit(deployed.engine, f"reports.generate_{form}", params)


@pytest.mark.parametrize(
    ("params", "place", "said"),
    [
        ({"columns": ["country", "weigth"]}, "columns", "no row has weigth"),
        (
            {"chart": {"label": "land", "values": ["price"]}},
            "chart.label",
            "there is no column land; the columns are country, price, units, since, open",
        ),
        (
            {"chart": {"label": "country", "values": ["{weight}"]}},
            "chart.values",
            "there is no column {weight}",
        ),
        (
            {"chart": {"label": "country", "values": ["since"]}},
            "chart.values",
            "the column since has not only numbers",
        ),
        ({"file_name": "../x"}, "file_name", "1 to 100 letters, digits, spaces and _ . ( ) -"),
    ],
)
def test_what_is_misspelt_is_named_before_it_is_stored(
    deployed: Deployment, params: dict[str, Any], place: str, said: str
) -> None:
    body = {"task": "reports.generate_pdf", "params": {"rows": ROWS, **params}}

    headers = {"content-type": "application/json"}
    answer = deployed.http("POST", "/v1/tasks", body=json.dumps(body), headers=headers)

    assert answer.status == 422
    assert place in answer.body.decode()
    assert said in answer.body.decode()


def test_columns_name_the_places_of_lists_and_objects_may_lack_some(deployed: Deployment) -> None:
    params = {"rows": [{"a": 1}, {"b": 2}], "columns": ["b", "a"]}
    lists = {"rows": [[1, 2]], "columns": ["b", "a"]}

    _, of_objects = file_of(deployed, made(deployed, "csv", params))
    _, of_lists = file_of(deployed, made(deployed, "csv", lists))

    assert of_objects == b"b,a\r\n,1\r\n2,\r\n"
    assert of_lists == b"b,a\r\n1,2\r\n"


def test_the_route_leads_to_the_file_by_a_fresh_link(deployed: Deployment) -> None:
    task_id = made(deployed, "csv", {"rows": [["x"]]}).ref.task

    found = deployed.http("GET", f"/api/reports/{task_id}")

    assert found.status == 302
    assert found.headers["location"] == found.json()["report_url"]
    assert deployed.services.s3.signatures.fetch(found.headers["location"]).endswith(b"x\r\n")


def test_the_route_says_what_it_has_no_file_for(deployed: Deployment) -> None:
    waiting = submit(deployed.engine, "reports.generate_csv", {"rows": [["x"]]}).task.ref.task
    not_ready = deployed.http("GET", f"/api/reports/{waiting}")
    deployed.pump()

    assert (not_ready.status, not_ready.json()) == (409, {"detail": "Report not ready"})
    for task_id in ("nothing", "no+id", "x" * 100):
        missing = deployed.http("GET", f"/api/reports/{task_id}")
        assert (missing.status, missing.json()) == (404, {"detail": "Report not found"})
    other = deployed.http("GET", f"/api/reports/{waiting}", tenant="other")
    assert other.status == 404
