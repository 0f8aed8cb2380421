from flowscope_engine.spans import Span


def test_a_span_knows_its_run_its_visit_and_its_depth() -> None:
    run = Span(1, "run", object(), None, 0)
    visit = Span(2, "visit", object(), run, 0)
    phase = Span(3, "exec", visit.node, visit, 0)
    assert (phase.run, phase.visit, phase.depth) == (run, visit, 2)
