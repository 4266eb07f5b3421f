"""The ten lines that tell most."""

from __future__ import annotations

from releases.diagnosis.catalogue.unknown import telling
from releases.diagnosis.judge import judge
from tests.diagnosis.facts import ended, lines


def test_the_telling_lines_are_chosen_among_many_and_kept_in_order() -> None:
    noise = [f"GET /page/{number} took 3 ms" for number in range(200)]
    text = "\n".join([*noise[:100], "error: the till is jammed", *noise[100:], "giving up"])
    chosen = telling(lines("web-1", text))
    assert len(chosen) == 10
    assert chosen[0].text == "error: the till is jammed"
    assert chosen[-1].text == "giving up"
    assert [line.number for line in chosen] == sorted(line.number for line in chosen)


def test_no_text_stands_twice() -> None:
    assert len(telling(lines("web-1", "failed\nfailed\n\nfailed\nbye"))) == 2


def test_stage_and_exit_code_are_told_and_that_it_is_a_guess() -> None:
    cause, finding = judge(ended("The till is jammed", 3))
    assert cause.code == "unknown"
    assert finding.sentence == (
        "The stage Check failed with exit code 3, and no known cause fits. This line of the log says most."
    )
    assert [line.text for line in finding.evidence] == ["The till is jammed"]
