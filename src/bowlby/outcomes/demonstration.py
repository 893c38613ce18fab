"""A simulated service with its files and reports: what `bowlby outcomes demo` makes."""

from pathlib import Path

from bowlby.outcomes.analysis import Options, Progress, analyse
from bowlby.outcomes.answers import score_file
from bowlby.outcomes.keeping import run_folder
from bowlby.outcomes.loading import Question, load, load_beside
from bowlby.outcomes.run import Request, write_run, write_service_run
from bowlby.outcomes.service import analyse_service, read_clients
from bowlby.outcomes.simulated import simulate_service, write_service

LABEL = "Simulated clients: no real person is shown"


def demonstrate(
    out: Path, *, clients: int, therapists: int, icc: float, seed: int, pages: int,
    command: str, on_progress: Progress = lambda *_: None,
) -> list[str]:  # fmt: skip
    """Make the service, read its files as a user would, and write both reports.

    Args:
        out: Folder to write.
        clients: Clients.
        therapists: Therapists.
        icc: Share of variance between therapists it is made with.
        seed: Of everything random.
        pages: Most pages of clients.
        command: The command as typed.
        on_progress: Called with a stage, what is done and how much there is.

    Returns:
        Commands that do the same by hand.
    """
    planned = 12
    made = simulate_service(
        clients=clients, therapists=therapists, planned=planned, icc=icc, seed=seed
    )
    with run_folder(out) as folder:
        write_service(folder.path, made)
        scores = folder.path / "scores.csv"
        answers = Question(folder.path / "answers.csv", "phq9")
        score_file(answers, folder.path / "scored.csv")
        asked = Question(scores, "phq9")
        loaded = load(asked)
        found = analyse(
            loaded.scores, loaded.yard, Options(planned=planned), on_progress=on_progress
        )
        beside = load_beside(asked, ["srs"], planned=planned, criterion="predictive")
        settings = {"clients": clients, "therapists": therapists, "icc": icc, "seed": seed}
        request = Request(
            [], command, settings, "Outcomes of a simulated service", LABEL, pages
        )
        write_run(
            folder.path / "report", found, request, beside=beside, on_progress=on_progress
        )
        people = read_clients(folder.path / "clients.csv", set(loaded.scores.table.client))
        result = analyse_service(found, people, planned)
        write_service_run(folder.path / "service", result, request)
        folder.write_manifest("outcomes demo", [], command, settings)
    return [
        f"bowlby outcomes {out}/scores.csv --instrument phq9 --also srs --out run",
        f"bowlby outcomes course {out}/scores.csv --instrument phq9 --also srs --client S001",
        f"bowlby outcomes service {out}/scores.csv --clients {out}/clients.csv --instrument "
        "phq9",
        f"bowlby outcomes score {out}/answers.csv --instrument phq9",
    ]
