import Foundation
import Support
import Testing
import Training

@testable import Reporting

@Suite struct ReportTests {
  /// A folder with runs as training leaves them.
  private final class Folder {
    let path = FileManager.default.temporaryDirectory.appending(path: "report-\(UUID().uuidString)").path
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, to name: String) throws -> String {
      let file = URL(filePath: path).appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      return file.path
    }

    /// - Returns: the run's directory.
    func run(_ name: String, learningRate: String, losses: [Double], tail: String = "") throws -> String {
      let configuration =
        "run: {directory: r}\ntrain: {steps: 3}\ndata: {train: {files: x.h5}, tokenizer: t}\noptimizer: {learning_rate: \(learningRate)}\n"
      _ = try write(configuration, to: "\(name)/config.yaml")
      let steps = losses.enumerated().map { index, loss in
        """
        {"captions_per_second":\(10 + index),"epoch":\(Double(index + 1) / 2),"gradient_norm":1,"learning_rate":0.1,\
        "loss":\(loss),"seconds":2,"step":\(index + 1),"tokens":9}

        """
      }
      let validation = #"{"epoch":1,"is_best":true,"step":2,"validation_loss":\#(losses[0] / 2)}"# + "\n"
      _ = try write(steps.joined() + validation + tail, to: "\(name)/metrics.jsonl")
      return "\(path)/\(name)"
    }
  }

  @Test func showsWhatRunsWereAndCameTo() throws {
    let folder = Folder()
    let paths = [
      try folder.run("one/small", learningRate: "1.0e-3", losses: [4, 3, 2]),
      try folder.run("two/small", learningRate: "5.0e-4", losses: [6, 5, 4], tail: #"{"epoch":2,"los"#),
    ]
    let runs = try RunRecord.runs(paths)
    #expect(runs.map(\.name) == ["one/small", "two/small"])
    #expect(runs[0].trainingSeconds == 6)
    #expect(runs[0].captionsPerSecond == 11)
    #expect(runs[1].bestValidation?.validationLoss == 3)
    let tables = RunTables(runs: runs)
    #expect(tables.differences?.rows == [["optimizer.learning_rate", "0.001", "0.0005"]])
    #expect(tables.summary.rows[1].prefix(3) == ["two/small", "3.0000", "1.00"])
    let html = Report(runs).html
    #expect(html.contains("<svg") && html.contains("one/small"))
    // The only address is SVG's name, which nothing loads.
    let addresses = html.components(separatedBy: "http").dropFirst()
    #expect(addresses.allSatisfy { $0.hasPrefix("://www.w3.org/2000/svg") })
    #expect(!html.contains("<script") && !html.contains("<link") && !html.contains("@import"))
  }

  @Test func changesDuringARunAreShown() throws {
    let folder = Folder()
    let path = try folder.run("a", learningRate: "1.0e-3", losses: [4, 3])
    #expect(try RunTables(runs: [RunRecord(path, name: "a")]).changes == nil)
    for (step, rate) in [(0, "1.0e-2"), (2, "1.0e-3")] {
      let configuration = try String(contentsOfFile: path + "/config.yaml", encoding: .utf8)
        .replacingOccurrences(of: "1.0e-3", with: rate)
      _ = try folder.write(configuration, to: "a/configurations/step-0000000\(step).yaml")
    }
    let runs = [try RunRecord(path, name: "a")]
    #expect(RunTables(runs: runs).changes?.rows == [["a", "optimizer.learning_rate", "0.01", "0.001", "2"]])
    #expect(Report(runs).html.contains("What was changed while runs were under way"))
  }

  @Test func aSweepsTableHasWhatItsRunsCameTo() throws {
    let folder = Folder()
    let record = try RunRecord(folder.run("a", learningRate: "1.0e-3", losses: [4, 3, 2]), name: "a")
    let table = SweepTable([("a", 0, record), ("b", 3, nil), ("c", nil, nil)]).description
    #expect(
      table == """
        run  ending       best validation loss  minutes
        a    finished                   2.0000      0.1
        b    code 3                          –        –
        c    not started                     –        –
        """)
  }

  @Test func plotsAreFilesToo() throws {
    let folder = Folder()
    let report = Report(try RunRecord.runs([folder.run("a", learningRate: "1.0e-3", losses: [4, 3])]))
    try report.writePlots(to: folder.path + "/plots")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/plots").sorted()
    #expect(
      files == [
        "captions-per-second.svg", "gradient-norm.svg", "learning-rate.svg",
        "loss-training-thin-and-validation.svg",
        "validation-loss.svg",
      ])
  }

  /// What was made by a report is made again; what somebody else made is not.
  @Test func onlyReportsAreReplaced() throws {
    let folder = Folder()
    let report = Report(try RunRecord.runs([folder.run("a", learningRate: "1.0e-3", losses: [4, 3])]))
    let (page, plots) = (folder.path + "/report.html", folder.path + "/plots")
    for _ in 0..<2 {
      try Report.requirePlace(page, replacing: false)
      try Report.requirePlotPlace(plots, replacing: false)
      try report.write(to: page)
      try report.writePlots(to: plots)
    }
    _ = try folder.write("<html>mine</html>", to: "mine.html")
    _ = try folder.write("<svg/>", to: "plots/mine.svg")
    #expect(throws: Failure.self) { try Report.requirePlace(folder.path + "/mine.html", replacing: false) }
    #expect(throws: Failure.self) { try Report.requirePlotPlace(plots, replacing: false) }
    try Report.requirePlace(folder.path + "/mine.html", replacing: true)
    try Report.requirePlotPlace(plots, replacing: true)
  }

  @Test func skippedStepsIncidentsAndScoresAreTold() throws {
    let folder = Folder()
    let tail = [
      #"{"captions_per_second":1,"epoch":2,"learning_rate":0.1,"seconds":2,"skipped":3,"step":9,"tokens":9}"#,
      #"{"epoch":2,"is_best":true,"scores":{"CIDEr":0.75},"step":9,"validation_loss":1}"#,
      #"{"epoch":3,"is_best":false,"scores":{"CIDEr":0.5},"step":10,"validation_loss":2}"#, "",
    ].joined(separator: "\n")
    let paths = [
      try folder.run("good", learningRate: "1.0e-3", losses: [4, 3]),
      try folder.run("bad", learningRate: "1.0e-3", losses: [4, 3], tail: tail),
    ]
    _ = try folder.write("{}", to: "bad/incidents/step-00000009/batch.json")
    let tables = RunTables(runs: try RunRecord.runs(paths))
    let columns = Dictionary(
      uniqueKeysWithValues: tables.summary.columns.enumerated().map { index, name in
        (name, tables.summary.rows.map { $0[index] })
      })
    #expect(columns["skipped steps"] == ["0", "3"] && columns["incidents"] == ["0", "1"])
    #expect(columns["best validation CIDEr"] == ["–", "0.750"])
    #expect(tables.incidents?.contains("bad: 3 steps skipped, incidents at step 9") == true)
    #expect(tables.incidents?.contains("good") == false)
    #expect(RunTables(runs: try RunRecord.runs([paths[0]])).summary.columns.count == 8)
  }

  @Test func whatIsNoRunIsSaid() throws {
    let folder = Folder()
    func failure(_ body: () throws -> Void) -> String? {
      do { try body() } catch { return "\(error)" }
      return nil
    }
    #expect(failure { _ = try RunRecord(folder.path, name: "x") }?.contains("holds no config.yaml") == true)
    let run = try folder.run("a", learningRate: "1.0e-3", losses: [4], tail: "{\"step\":\n{}\n")
    #expect(failure { _ = try RunRecord(run, name: "x") }?.contains("Line 3 of") == true)
    #expect(failure { _ = try RunRecord.runs([run, run]) }?.contains("named twice") == true)
  }
}
