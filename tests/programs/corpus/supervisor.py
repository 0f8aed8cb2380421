# a supervisor around an unreliable agent: the inner flow is judged, and sent round again
from pocketflow import Flow, Node


class Work(Node):
    def exec(self, prep_res):
        return prep_res

    def prep(self, shared):
        shared["tries"] = shared.get("tries", 0) + 1
        return shared["tries"]

    def post(self, shared, prep_res, exec_res):
        shared["answer"] = "nonsense" if exec_res < 3 else "a fine answer"


class Supervise(Node):
    def prep(self, shared):
        return shared["answer"]

    def exec(self, answer):
        if "nonsense" in answer:
            return {"valid": False, "reason": "Answer appears to be nonsensical"}
        return {"valid": True, "reason": "Answer appears to be legitimate"}

    def post(self, shared, answer, verdict):
        if verdict["valid"]:
            print(f"supervisor approved answer: {verdict['reason']}")
            return None
        print(f"supervisor rejected answer: {verdict['reason']}")
        shared["answer"] = None
        return "retry"


agent_flow = Flow(start=Work())
supervisor = Supervise()
agent_flow >> supervisor
supervisor - "retry" >> agent_flow
Flow(start=agent_flow).run(shared := {})
print(shared)
