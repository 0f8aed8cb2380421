from flowscope_engine.spans import Span


def test_a_span_knows_its_run_its_visit_and_its_depth() -> None:
    run = Span("run", object(), None)
    visit = Span("visit", object(), run)
    visit.visit = visit
    exec_ = Span("exec", visit.node, visit)
    attempt = Span("attempt", visit.node, exec_)
    assert (attempt.run, attempt.visit, attempt.depth) == (run, visit, 3)
    assert attempt.around("exec") is exec_
    assert attempt.around("run") is None
