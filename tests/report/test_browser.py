"""The page in a real browser: what it shows, what it does, and what it never does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from clickbind.journal.listing import runs
from clickbind.report import page
from tests.report.browser import CHROMIUM, Page, opened
from tests.report.kit import HOSTILE, fill, png, sweep

pytest.importorskip("plotly")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")

WIDE, PHONE = (1400, 900), (390, 844)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with opened(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def tab(browser: Page) -> Iterator[Page]:
    """The browser with a wide window; a test fails if the page has an error, or asks for anything but itself."""
    browser.events.clear()
    browser.look(*WIDE)
    yield browser
    assert browser.problems() == []
    assert {url.partition("#")[0].rpartition("/")[2] for url in browser.requests()} <= {"page.html"}


@pytest.fixture(scope="module")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = sweep(tmp_path_factory.mktemp("twelve") / "lr", 12)
    (folder / "02-seed=2" / "loss.png").write_bytes(png(64))
    (folder / "04-seed=4" / "log.txt").write_text("".join(f"line {number}\n" for number in range(99)), encoding="utf-8")
    return written(folder)


def written(folder: Path) -> Path:
    path = folder.parent / "page.html"
    path.write_text(page.html_of(runs(folder), str(folder))[0], encoding="utf-8")
    return path


def jobs(tab: Page) -> list[int]:
    """Return the jobs in the order of the table."""
    return [int(text) for text in tab.texts("#table tbody th")]


def sorts(tab: Page) -> dict[str, str]:
    """Return the columns that the table is sorted by."""
    script = "[...document.querySelectorAll('#table thead th')].map((one) => [one.innerText, one.ariaSort])"
    return {name.strip(" ▲▼"): how for name, how in tab.run(script) if how != "none"}


def test_the_table_has_the_jobs_with_the_keys_that_differ(tab: Page, twelve: Path) -> None:
    tab.open(twelve)
    assert tab.texts("h1")[0].endswith("lr")
    assert tab.texts("#summary")[0].startswith("10 done, 1 failed, 1 waiting. Made ")
    assert jobs(tab) == list(range(1, 13))
    titles = ["job", "status", "time", "train.lr", "train.batch", "train.model", "train.seed", "train.loss", "error"]
    assert tab.texts("#table thead th") == titles
    assert tab.texts("#table tbody tr:nth-child(10) td")[-1] == "train: ValueError: diverged at 10"
    tab.click("#every")
    assert "train.steps" in tab.texts("#table thead th")


def test_a_click_on_a_title_sorts(tab: Page, twelve: Path) -> None:
    tab.open(twelve)
    title = "#table thead th:nth-child(8) button"
    tab.click(title)
    assert (jobs(tab)[:2], jobs(tab)[-2:], sorts(tab)) == ([11, 9], [10, 12], {"train.loss": "ascending"})
    tab.click(title)
    assert (jobs(tab)[:2], jobs(tab)[-2:], sorts(tab)) == ([1, 2], [10, 12], {"train.loss": "descending"})
    tab.click("#table thead th:nth-child(6) button")
    assert tab.texts("#table tbody td:nth-child(6)")[:5] == ["a b"] * 4 + ["cnn"]


def test_the_keyboard_alone_sorts_filters_and_opens(tab: Page, twelve: Path) -> None:
    tab.open(twelve)
    tab.press("/", text="/")
    assert tab.run("document.activeElement.id") == "filter"
    tab.type("#filter", "seed>9")
    assert jobs(tab) == [10, 11, 12]
    tab.run("document.querySelector('#table thead button').focus()")
    for _ in range(2):
        tab.press("Enter", code=13, text="\r")
    assert (jobs(tab), sorts(tab)) == ([12, 11, 10], {"job": "descending"})
    assert tab.run("document.activeElement.innerText") == "job"
    tab.run("document.querySelector('#table tbody button').focus()")
    tab.press("ArrowDown", code=40)
    tab.press("Enter", code=13, text="\r")
    assert tab.texts("#details h2") == ["Job 11"]
    tab.press("ArrowDown", code=40)
    assert tab.texts("#details h2") == ["Job 10"]
    tab.press("Escape", code=27)
    assert tab.run("document.querySelector('#details').hidden")
    assert tab.run("document.activeElement.innerText") == "10"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("train.seed<=2", [1, 2]),
        ("seed=3|5", [3, 5]),
        ("SEED>=11", [11, 12]),
        ("status=failed", [10]),
        ("status!=done", [10, 12]),
        ("diverged", [10]),
        ("error~DIVERGED", [10]),
        ('model="a b"', [2, 5, 8, 11]),
        ("model=cnn|mlp seed<4", [1, 3]),
        ('"a b" seed<4', [2]),
        ("loss=", list(range(1, 13))),
        ('loss=""', [10, 12]),
        ("loss<.1", [11]),
        ("nothing-has-this", []),
    ],
)
def test_the_filter_finds(text: str, expected: list[int], tab: Page, twelve: Path) -> None:
    tab.open(twelve)
    tab.type("#filter", text)
    assert jobs(tab) == expected
    count = "12 runs" if len(expected) == 12 else f"{len(expected)} of 12 runs"
    assert tab.texts("#count") == [count]
    tab.click("#clear")
    assert len(jobs(tab)) == 12


def test_a_filter_by_a_column_that_is_not_there_says_so(tab: Page, twelve: Path) -> None:
    tab.open(twelve)
    tab.type("#filter", "sead=3")
    assert tab.texts("#count.problem") == ["12 runs. There is no column sead."]


def test_buttons_filter_by_status(tab: Page, twelve: Path) -> None:
    tab.open(twelve)
    assert tab.texts("#statuses button") == ["done 10", "failed 1", "waiting 1"]
    tab.click("#statuses button", 1)
    tab.click("#statuses button", 2)
    assert (jobs(tab), tab.run("document.querySelector('#filter').value")) == ([10, 12], "status=failed|waiting")
    pressed = tab.run("[...document.querySelectorAll('#statuses button')].map((one) => one.ariaPressed)")
    assert pressed == ["false", "true", "true"]
    tab.click("#statuses button", 1)
    assert jobs(tab) == [12]


def test_a_job_is_shown_with_everything(tab: Page, twelve: Path) -> None:
    tab.open(twelve, "job=2")
    assert tab.texts("#details h2, #details h3") == [
        *("Job 2", "Results", "Figures", "Values", "Turns", "End of the log", "Run"),
    ]
    assert tab.texts("#details .values tr")[1].split("\t") == ["train.lr", "0.0100", "--lr"]
    assert tab.texts("#details pre") == ["step 2"]
    tab.wait("document.querySelector('#details img').naturalWidth === 64")
    tab.click("#details [aria-label='Next run']")
    assert (tab.texts("#details h2"), tab.texts("tr[aria-selected] th")) == (["Job 3"], ["3"])
    tab.click("#details [aria-label='Close']")
    assert tab.texts("tr[aria-selected] th") == []
    tab.click("#table tbody td", 9 * 8)
    assert tab.texts("#details pre.error") == ["ValueError: diverged at 10"]


def test_a_long_log_is_shown_from_its_end(tab: Page, twelve: Path) -> None:
    tab.open(twelve, "job=4")
    assert (
        tab.run("(() => { const log = document.querySelector('pre.log'); return log.scrollTop + log.clientHeight; })()")
        > 1_000
    )


def test_the_address_keeps_what_is_seen(tab: Page, twelve: Path) -> None:
    tab.open(twelve, "job=3&sort=-train.loss&filter=seed<5&x=train.batch&y=time&log=x")
    assert (jobs(tab), tab.texts("#details h2")) == ([1, 2, 3, 4], ["Job 3"])
    assert tab.run("[x.value, y.value, find('x-log').checked, find('y-log').checked]") == [
        "train.batch",
        "time",
        True,
        False,
    ]
    tab.click("#table thead th:nth-child(1) button")
    assert "sort=job" in tab.run("location.hash")
    tab.run("location.hash = '#filter=seed%3D7&job=7'")
    tab.settle()
    assert (jobs(tab), tab.texts("#details h2")) == ([7], ["Job 7"])
    tab.run("location.hash = '#job=none&sort=none&x=none'")
    tab.settle()
    assert (len(jobs(tab)), tab.run("find('details').hidden")) == (12, True)


def test_two_selects_choose_the_axes(tab: Page, twelve: Path) -> None:
    tab.open(twelve)
    assert tab.run("[...find('y').options].map((one) => one.value)") == [
        *("train.loss", "train.lr", "train.batch", "train.model", "train.seed", "train.steps", "time"),
    ]
    for axis, name in (("x", "train.model"), ("y", "train.loss")):
        tab.run(f"find('{axis}').value = '{name}'; find('{axis}').dispatchEvent(new Event('change'))")
    tab.wait("document.querySelector('#scatter .xtitle').textContent === 'train.model'")
    assert tab.run("[...document.querySelectorAll('#scatter .xtick')].map((one) => one.textContent)") == [
        "a b",
        "cnn",
        "mlp",
    ]
    assert tab.run("document.querySelectorAll('#scatter .points path').length") == 10
    assert "train.model" in tab.run(
        "[...document.querySelectorAll('#parallel .annotation')].map((one) => one.textContent)"
    )


def test_a_point_opens_its_job_and_a_box_filters(tab: Page, twelve: Path) -> None:
    tab.open(twelve, "x=train.seed&y=train.loss&log=")
    box = "const box = document.querySelectorAll('#scatter .points path')[{}].getBoundingClientRect();"
    point = "(() => {{" + box + "return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
    tab.until("!find('details').hidden", lambda: tab.drag(tab.run(point.format(6)), tab.run(point.format(6))))
    assert tab.texts("#details h2") == ["Job 7"]
    tab.press("Escape", code=27)

    def drag() -> None:
        one, two = tab.run(point.format(3)), tab.run(point.format(6))
        tab.drag([one[0] - 12, one[1] - 20], [two[0] + 12, two[1] + 20])

    tab.until("jobs.length < 12", drag)
    assert jobs(tab) == [4, 5, 6, 7]
    assert tab.run("find('filter').value").startswith("train.seed>=4 train.seed<=7 train.loss>=0.14")


def test_a_box_filters_on_logarithmic_axes(tab: Page, twelve: Path) -> None:
    tab.open(twelve, "x=train.batch&y=train.loss&log=x,y&job=5")
    place = "(() => {{ const box = find('scatter').querySelector('{}').getBoundingClientRect();"
    place += "return [box.x + box.width / 2, box.y + box.height / 2]; }})()"

    def drag() -> None:
        x, y = tab.run(place.format(".annotation rect"))
        tab.drag([x - 12, y - 12], [x + 12, y + 12])

    point, frame = tab.run(place.format(".points .point:nth-child(5)")), tab.run(place.format(".annotation rect"))
    assert point == pytest.approx(frame, abs=1.5)
    tab.until("jobs.length < 12", drag)
    assert 5 in jobs(tab)
    assert "train.batch=32" in tab.run("find('filter').value")


def test_a_box_over_an_axis_of_the_parallel_coordinates_filters_by_it(tab: Page, twelve: Path) -> None:
    tab.open(twelve)
    names = tab.run("axesOf(state).axes.map((one) => one.name)")

    def drag() -> None:
        left, top, height = tab.run(
            "(() => { find('parallel').scrollIntoView({block: 'center', behavior: 'instant'});"
            "const box = document.querySelector('#parallel .nsewdrag').getBoundingClientRect();"
            "return [box.x, box.y, box.height]; })()"
        )
        at = tab.run(f"find('parallel')._fullLayout.xaxis.d2p({names.index('train.seed')})")
        tab.drag([left + at - 15, top + 2], [left + at + 15, top + height / 2])

    tab.until("jobs.length < 12", drag)
    assert tab.run("find('filter').value") == "train.seed>=7 train.seed<=12"


def test_hostile_texts_are_shown_as_they_are(tab: Page, tmp_path: Path) -> None:
    folder = sweep(tmp_path / "x<img src=x onerror=hit()>", 3)
    error = {"type": HOSTILE, "message": HOSTILE, "where": HOSTILE}
    job = fill(
        folder / '4-<b onclick="hit()">',
        {"train.x": json.dumps("<b>" + HOSTILE.replace("$", ""))},
        error=error,
        results={HOSTILE: 3, "<b>bold</b>": 4, "__proto__": 5, "constructor": 6},
        line=HOSTILE,
        commit=HOSTILE,
        host=HOSTILE,
        turns=[{"stage": HOSTILE, "status": HOSTILE, "seconds": 1, "returned": HOSTILE}],
    )
    (job / "log.txt").write_text(HOSTILE, encoding="utf-8")
    (job / "<img src=x onerror=hit()>.png").write_bytes(png())
    path = written(folder)
    tab.open(path, "job=4&x=train.x&y=<b>bold</b>&filter=<img src=x onerror=hit()>")
    tab.open(path, "job=4&x=train.x&y=%3Cb%3Ebold%3C%2Fb%3E")
    assert tab.run("typeof hit") == "undefined"
    assert tab.run("document.querySelectorAll('img, b, script:not([type]), iframe, a').length") == 1 + 4
    assert tab.run("[...document.querySelectorAll('#details pre')].at(-1).textContent") == HOSTILE
    assert tab.run("document.querySelector('#scatter .ytitle').textContent") == "<b>bold</b>"
    assert tab.run("document.querySelector('#scatter .xtick').textContent").startswith("<b></script>")
    tab.type("#filter", HOSTILE)
    tab.type("#filter", '"__proto__"=5')
    assert tab.run("jobs.length") == 1
    assert tab.run("typeof hit") == "undefined"


def test_a_thousand_jobs_are_shown(tab: Page, tmp_path: Path) -> None:
    path = written(sweep(tmp_path / "many", 1_000))
    tab.open(path, "sort=-train.loss")
    assert (len(jobs(tab)), jobs(tab)[:3]) == (1_000, [1, 2, 3])
    assert tab.run("document.querySelectorAll('#scatter .points path').length") == 900
    tab.type("#filter", "seed>=500 status=done")
    tab.wait("document.querySelectorAll('#scatter .points path').length === 450")
    assert tab.texts("#count") == ["450 of 1000 runs"]
    tab.run("table.render(state, data.jobs, 10, sortBy, open)")
    tab.run("most = 400; showTable()")
    assert (len(jobs(tab)), tab.texts("#more")) == (400, ["Show 50 more"])
    tab.click("#more")
    assert (len(jobs(tab)), tab.run("find('more').hidden")) == (450, True)


def test_runs_without_results_are_shown_by_their_time(tab: Page, tmp_path: Path) -> None:
    fill(tmp_path / "runs" / "a", {"train.lr": "1"}, seconds=2)
    fill(tmp_path / "runs" / "b", {}, seconds=3)
    tab.open(written(tmp_path / "runs"))
    assert tab.texts("#table thead th") == ["run", "status", "time", "train.lr"]
    assert tab.run("state.y.name") == "time"


def test_one_run_is_shown_alone(tab: Page, tmp_path: Path) -> None:
    fill(tmp_path / "runs", {"train.lr": "[1, 2]"}, results={"x": "nan"})
    tab.open(written(tmp_path / "runs"), "job=runs&x=train.lr&y=x")
    assert tab.texts("#details .values td") == ["[1, 2]"]
    assert tab.run("document.querySelector('#scatter .xtitle').textContent") == "train.lr"


@pytest.mark.parametrize("fragment", ["", "job=2", "job=10"])
def test_a_phone_needs_no_sideways_scrolling(fragment: str, tab: Page, twelve: Path) -> None:
    tab.look(*PHONE, touch=True)
    tab.open(twelve, fragment)
    assert tab.run("document.documentElement.scrollWidth") <= PHONE[0]
    assert tab.run("find('details').scrollWidth") <= PHONE[0]
    if fragment:
        assert tab.run("[find('main').inert, document.activeElement.id]") == [True, "details"]
        tab.click("#details [aria-label='Close']")
        assert tab.run("[find('main').inert, find('details').hidden]") == [False, True]
    small = "[...document.querySelectorAll('button, select, input[type=search]')].filter((one) => one.offsetParent)"
    assert tab.run(f"Math.min(...{small}.map((one) => one.offsetHeight))") >= 24


def test_dark_mode_has_contrast(tab: Page, twelve: Path) -> None:
    for dark in (True, False):
        tab.look(*WIDE, dark=dark)
        tab.open(twelve, "job=10")
        back = tab.run("getComputedStyle(document.body).backgroundColor")
        assert back == ("rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)")
        for selector in ("td", ".note", ".status.failed", "#scatter .xtitle", "dt"):
            name = "fill" if selector.startswith("#scatter") else "color"
            colour = tab.run(f"getComputedStyle(document.querySelector('{selector}')).{name}")
            assert contrast(colour, back) >= 4.5, (dark, selector, colour)


def contrast(one: str, two: str) -> float:
    """Return the contrast of two colours, as WCAG defines it."""
    bright, other = sorted((light(one), light(two)), reverse=True)
    return (bright + 0.05) / (other + 0.05)


def light(colour: str) -> float:
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").rstrip(")").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
