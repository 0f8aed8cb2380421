"""Offline indexing and online answering: two flows, one shared."""

from pocketflow import BatchNode, Flow, Node


class Chunk(BatchNode):
    def prep(self, shared):
        return shared["texts"]

    def exec(self, text):
        return [text[i : i + 12] for i in range(0, len(text), 12)]

    def post(self, shared, prep_res, lists):
        shared["chunks"] = [chunk for chunks in lists for chunk in chunks]


class Embed(BatchNode):
    def prep(self, shared):
        return shared["chunks"]

    def exec(self, chunk):
        return [chunk.count(letter) for letter in "etaoin"]

    def post(self, shared, prep_res, vectors):
        shared["index"] = vectors


class EmbedQuery(Node):
    def prep(self, shared):
        return shared["query"]

    def exec(self, query):
        return [query.count(letter) for letter in "etaoin"]

    def post(self, shared, prep_res, vector):
        shared["query_vector"] = vector


class Retrieve(Node):
    def prep(self, shared):
        return shared["query_vector"], shared["index"]

    def exec(self, inputs):
        query, index = inputs
        distances = [sum((a - b) ** 2 for a, b in zip(query, vector)) for vector in index]
        return distances.index(min(distances))

    def post(self, shared, prep_res, best):
        shared["retrieved"] = shared["chunks"][best]
        return "found"


class Answer(Node):
    def post(self, shared, prep_res, exec_res):
        print(shared["query"], "->", shared["retrieved"])
        return


chunk = Chunk()
chunk >> Embed()
offline_flow = Flow(start=chunk)

embed_query, retrieve = EmbedQuery(max_retries=2), Retrieve()
embed_query >> retrieve
retrieve - "found" >> Answer()
online_flow = Flow(embed_query)

if __name__ == "__main__":
    shared = {"texts": ["the quick brown fox jumps over", "a lazy dog sat on a note in tin"]}
    offline_flow.run(shared)
    for query in ("tin note", "fox"):
        shared["query"] = query
        online_flow.run(shared)
