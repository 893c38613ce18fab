"""Progress in a log file."""

from bowlby.cli import _app


def test_a_log_file_gets_a_line_a_minute(monkeypatch, capsys):
    clock = iter([0.0, 30.0, 61.0, 61.0, 90.0])
    monkeypatch.setattr(_app.time, "monotonic", lambda: next(clock))
    with _app.progress_bars() as progress:
        progress("Treating", 1, 9)
        progress("Treating", 2, 9)
        progress("Treating", 3, 9)
    assert capsys.readouterr().err == "Treating: 2 of 9\n"
