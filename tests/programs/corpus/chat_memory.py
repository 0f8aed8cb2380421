# a chat with memory and retrieval: input() in prep, several self loops
from pocketflow import Flow, Node

MEMORY = []


class GetUserQuestion(Node):
    def prep(self, shared):
        shared.setdefault("messages", [])
        if not shared["messages"]:
            print("Welcome! Type 'exit' to end the conversation.")

    def exec(self, _):
        user_input = input("\nYou: ")
        return None if user_input.strip().lower() == "exit" else user_input

    def post(self, shared, prep_res, exec_res):
        if exec_res is None:
            print("\nGoodbye!")
            return None
        shared["messages"].append({"role": "user", "content": exec_res})
        return "retrieve" if MEMORY else "answer"


class Retrieve(Node):
    def exec(self, _):
        return max(MEMORY, key=len)

    def post(self, shared, prep_res, exec_res):
        shared["retrieved"] = exec_res
        return "answer"


class Answer(Node):
    def prep(self, shared):
        return shared["messages"][-1]["content"], shared.pop("retrieved", None)

    def exec(self, inputs):
        return f"you said {inputs[0]!r}, and before {inputs[1]!r}"

    def post(self, shared, prep_res, exec_res):
        print(f"\nAssistant: {exec_res}")
        MEMORY.append(prep_res[0])
        shared["messages"].append({"role": "assistant", "content": exec_res})
        return "question"


question, retrieve, answer = GetUserQuestion(), Retrieve(), Answer()
question - "retrieve" >> retrieve
question - "answer" >> answer
retrieve - "answer" >> answer
answer - "question" >> question
Flow(start=question).run({})
