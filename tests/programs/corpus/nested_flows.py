from pocketflow import Flow, Node


class Say(Node):
    def __init__(self, text, action=None, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.text, self.action = text, action

    def exec(self, prep_res):
        print(self.text)

    def post(self, shared, prep_res, exec_res):
        shared.setdefault("said", []).append((self.text, dict(self.params)))
        return self.action


class Sub(Flow):
    def prep(self, shared):
        shared["depth"] = shared.get("depth", 0) + 1

    def post(self, shared, prep_res, exec_res):
        shared["depth"] -= 1
        return f"sub-{exec_res}"


inner = Sub(start=Say("inner", "ok"))
middle_start = Say("middle", "in")
middle_start - "in" >> inner
inner - "sub-ok" >> Say("after inner", "end")
middle = Sub(start=middle_start)
first = Say("first")
last = Say("last", "nowhere")
first >> middle
middle - "sub-end" >> last
last - "again" >> first
top = Flow(start=first)
top.set_params({"lang": "en"})
shared = {}
print("action:", top.run(shared))
print(shared)
