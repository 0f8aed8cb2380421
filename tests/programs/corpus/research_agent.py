# flow.py, nodes.py and utils in one: an agent in the style of the cookbook
from pocketflow import Flow, Node


def call_llm(prompt):
    if "CONTEXT: none" in prompt:
        return "action: search\nsearch_query: nobel 2024"
    return "action: answer"


class DecideAction(Node):
    def prep(self, shared):
        context = shared.get("context", "none")
        question = shared["question"]
        return question, context

    def exec(self, inputs):
        question, context = inputs
        print("🤔 Agent deciding what to do next...")
        response = call_llm(f"QUESTION: {question}\nCONTEXT: {context}")
        return dict(line.split(": ", 1) for line in response.splitlines())

    def post(self, shared, prep_res, exec_res):
        if exec_res["action"] == "search":
            shared["search_query"] = exec_res["search_query"]
            print(f"🔍 Agent decided to search for: {exec_res['search_query']}")
        else:
            print("💡 Agent decided to answer the question")
        return exec_res["action"]


class SearchWeb(Node):
    def prep(self, shared):
        return shared["search_query"]

    def exec(self, search_query):
        return f"results for {search_query}"

    def post(self, shared, prep_res, exec_res):
        previous = shared.get("context", "")
        shared["context"] = previous + "\n\nSEARCH: " + shared["search_query"] + "\nRESULTS: " + exec_res
        return "decide"


class AnswerQuestion(Node):
    def prep(self, shared):
        return shared["question"], shared.get("context", "")

    def exec(self, inputs):
        return f"{len(inputs[1])} characters of context"

    def post(self, shared, prep_res, exec_res):
        shared["answer"] = exec_res
        return "done"


def create_agent_flow():
    decide = DecideAction()
    search = SearchWeb()
    answer = AnswerQuestion()
    decide - "search" >> search
    decide - "answer" >> answer
    search - "decide" >> decide
    return Flow(start=decide)


def main():
    shared = {"question": "Who won the Nobel Prize in Physics 2024?"}
    create_agent_flow().run(shared)
    print("\n🎯 Final Answer:")
    print(shared.get("answer", "No answer found"))


if __name__ == "__main__":
    main()
