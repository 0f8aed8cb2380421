# asserts in exec, retries with a wait, and in the end an assertion that nobody catches
import sys

from pocketflow import Flow, Node

replies = iter(["not yaml", "name: Ada", "name: Ada\nskills: logic", "name: Bob", "name: Bob", "name: Bob"])


class ResumeParser(Node):
    def exec(self, prep_res):
        reply = next(replies)
        result = dict(line.split(": ") for line in reply.splitlines() if ": " in line)
        assert "name" in result, "Validation Failed: Missing 'name'"
        assert "skills" in result, f"Validation Failed: Missing 'skills' in {reply!r}"
        return result

    def post(self, shared, prep_res, exec_res):
        shared["resume"] = exec_res
        print("parsed", exec_res)


parser = ResumeParser(max_retries=3, wait=0.01)
parser >> Node()
flow = Flow(start=parser)
flow.run({})
print("the second has no skills", file=sys.stderr)
flow.run({})
