from collections import Counter

from pocketflow import BatchNode, Flow


class MajorityVoteNode(BatchNode):
    def prep(self, shared):
        self.calls = 0
        return [shared["question"]] * shared["num_tries"]

    def exec(self, question):
        self.calls += 1
        if self.calls % 3 == 0:
            raise RuntimeError("cannot parse")
        return str(len(question) + self.calls % 2)

    def exec_fallback(self, prep_res, exc):
        return None

    def post(self, shared, prep_res, exec_res):
        answers = [answer for answer in exec_res if answer is not None]
        shared["majority_answer"], votes = Counter(answers).most_common(1)[0]
        print(f"{votes} of {len(exec_res)} for {shared['majority_answer']}")
        return "end"


shared = {"question": "What is x?", "num_tries": 7}
Flow(start=MajorityVoteNode()).run(shared)
# and a node without a flow
print(MajorityVoteNode().run(shared))
