"""A chat: one node that asks, answers, and goes on to itself.

An empty line, "exit" or the end of the input ends it. It runs offline: put your own model behind
`call_llm(prompt)`.
"""

from pocketflow import Flow, Node


class Chat(Node):
    def prep(self, shared):
        try:
            text = input("you: ").strip()
        except EOFError:
            text = ""
        if text in ("", "exit"):
            return None
        shared["messages"].append({"role": "user", "content": text})
        return shared["messages"]

    def exec(self, messages):
        if messages is None:
            return None
        return call_llm("\n".join(f"{message['role']}: {message['content']}" for message in messages))

    def post(self, shared, messages, reply):
        if reply is None:
            print("bye")
            return "end"
        print(f"bot: {reply}")
        shared["messages"].append({"role": "assistant", "content": reply})
        return "continue"


class Goodbye(Node):
    """Sum up what was said."""

    def prep(self, shared):
        return [message["content"] for message in shared["messages"] if message["role"] == "user"]

    def post(self, shared, said, exec_res):
        print(f"you said {len(said)} things")


def create_flow():
    chat, goodbye = Chat(), Goodbye()
    chat - "continue" >> chat
    chat - "end" >> goodbye
    return Flow(start=chat)


def call_llm(prompt):
    """The offline stand-in: a model that asks back, and remembers how long it has been asked."""
    said = [line.removeprefix("user: ") for line in prompt.splitlines() if line.startswith("user: ")]
    if said[-1].endswith("?"):
        return "What do you think yourself?"
    return f"Why do you say {said[-1]!r}? ({len(said)})"


if __name__ == "__main__":
    create_flow().run({"messages": []})
