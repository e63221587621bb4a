"""Quality measures: from a Measure and the answers of its library to populations, scores and a MeasureReport.

    Measure -> definition -> membership, of each subject -> tally, over subjects -> report -> MeasureReport

Everything here takes values and gives values; who reads the record and runs the library is `bedside.api.questions`.
"""
