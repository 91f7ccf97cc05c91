"""Members come in whatever order they are done; they are read in the order of their numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from sousveil.ensemble.members import Members
from sousveil.ensemble.store import members_of, prepare, put_member
from sousveil.ensemble.study import RunFailure, Task
from sousveil.ensemble.work import Receipt
from unit.ensemble.fake import released, row, study


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    prepare(tmp_path / "run", study(), resume=False)
    return tmp_path / "run"


def done(folder: Path, number: int) -> Receipt:
    path = put_member(folder, number, released(row("harm", float(number))), "")
    return Receipt(Task("member", number, number), file=path.name)


def elsewhere() -> Receipt:
    return Receipt(Task("frozen", 1, 1))


def test_members_stand_in_the_order_of_their_numbers(folder: Path) -> None:
    done(folder, 2)
    members = Members(folder, members_of(folder), 4)
    assert members.finished == (2,)
    for number in (4, 1, 3):
        members.met(done(folder, number))
        members.met(elsewhere())
    index = released(row("harm", 0.0)).frame
    assert members.matrix(index).values[:, 0].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert [path.name[:6] for path in members.files] == ["000001", "000002", "000003", "000004"]


def test_a_member_that_is_missing_is_told(folder: Path) -> None:
    members = Members(folder, [], 3)
    for number in (3, 1):
        members.met(done(folder, number))
    with pytest.raises(RunFailure, match="1 of 3 members are there"):
        members.matrix(released(row("harm", 0.0)).frame)


def test_a_longer_ensemble_beside_is_left_alone_and_damage_is_told_by_its_file(
    folder: Path,
) -> None:
    for number in (1, 2, 3):
        done(folder, number)
    members = Members(folder, members_of(folder), 2)
    assert members.finished == (1, 2)
    damaged = members.files[1]
    damaged.write_bytes(damaged.read_bytes()[:-9])
    with pytest.raises(RunFailure, match=f"{damaged.name} is cut short"):
        members.met(elsewhere())


def test_without_a_member_the_rows_are_those_of_the_central_run(folder: Path) -> None:
    members = Members(folder, [], 0)
    members.met(elsewhere())
    found = members.matrix(released(row("harm", 0.0), row("camera_stock", 1.0)).frame)
    assert found.values.shape == (0, 2)
