# a stream of chunks from a thread, which the user may interrupt
import sys
import threading
import time

from pocketflow import Flow, Node


def stream_llm(prompt):
    for word in prompt.split():
        time.sleep(0.002)
        yield word + " "


class StreamNode(Node):
    def prep(self, shared):
        interrupt = threading.Event()
        listener = threading.Thread(target=interrupt.wait)
        listener.start()
        return stream_llm(shared["prompt"]), interrupt, listener

    def exec(self, prep_res):
        chunks, interrupt, _ = prep_res
        out = []
        for chunk in chunks:
            if interrupt.is_set():
                break
            print(chunk, end="", flush=True)
            sys.stdout.buffer.write(b".")
            sys.stdout.flush()
            out.append(chunk)
        return "".join(out)

    def post(self, shared, prep_res, exec_res):
        _, interrupt, listener = prep_res
        interrupt.set()
        listener.join()
        print()
        shared["out"] = exec_res
        return "default"


Flow(start=StreamNode()).run({"prompt": "What's the meaning of life? 42 – or so."})
