import Foundation
import Support
import Testing

@testable import Metrics

/// METEOR and SPICE as programs: a script called java stands in for Java.
@Suite struct JavaProgramTests {
  /// Runs `body` with a jar and a folder for PATH in which java is `script`.
  private func with<Result>(
    java script: String, _ body: (_ jar: String, _ path: [String: String]) throws -> Result
  )
    throws -> Result
  {
    let folder = FileManager.default.temporaryDirectory.appending(path: "java-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (java, jar) = (folder.appending(path: "java").path, folder.appending(path: "x.jar").path)
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: java))
    try Data().write(to: URL(fileURLWithPath: jar))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: java)
    return try body(jar, ["PATH": "/nowhere:\(folder.path)"])
  }

  private func sentence(_ body: () throws -> Void) -> String {
    do { try body() } catch { return (error as? Failure)?.description ?? "\(error)" }
    return "nothing was refused"
  }

  @Test func inputGoesInAndOutputComesOut() throws {
    let output = try with(java: #"echo "$@"; cat"#) { jar, path in
      try JavaProgram("METEOR", jar: jar, environment: path)
        .run(["-x"], memory: "2G", input: "some\nlines\n", timeLimit: 20)
    }
    #expect(output == "-Xmx2G -jar x.jar -x\nsome\nlines\n")
  }

  @Test func aProgramThatHangsIsEnded() throws {
    let told = try with(java: "exec sleep 1000") { jar, path in
      sentence {
        _ = try JavaProgram("SPICE", jar: jar, environment: path).run([], memory: "1G", timeLimit: 0.2)
      }
    }
    #expect(told.hasPrefix("SPICE took longer than"))
  }

  @Test func aProgramThatFailsIsQuoted() throws {
    let told = try with(java: "echo no models >&2; exit 3") { jar, path in
      sentence {
        _ = try JavaProgram("SPICE", jar: jar, environment: path).run([], memory: "1G", timeLimit: 20)
      }
    }
    #expect(told.contains("status 3") && told.contains("no models"))
  }

  @Test func whatIsMissingIsNamed() throws {
    let noJar = sentence { _ = try JavaProgram("METEOR", jar: "/nowhere/meteor.jar") }
    #expect(noJar.contains("/nowhere/meteor.jar"))
    let noJava = try with(java: "") { jar, _ in
      sentence { _ = try JavaProgram("METEOR", jar: jar, environment: ["PATH": "/nowhere"]) }
    }
    #expect(noJava.contains("no java on the PATH"))
  }

  /// As SPICE answers: in its own order, without a score where there was nothing to score.
  @Test func scoresOfSPICE() throws {
    let answer =
      #"[{"image_id": "2", "scores": {"All": {"pr": 1, "f": 0.5}}}, "#
      + #"{"image_id": "1", "scores": {"All": {"f": null}}}]"#
    let captions = ["1": "a", "2": "b"]
    var scores = try CaptionScores(candidates: captions, references: captions.mapValues { [$0] })
    try with(java: "echo '\(answer)' > \"$6\"") { jar, path in
      try scores.addSPICE(
        with: JavaProgram("SPICE", jar: jar, environment: path), candidates: captions,
        references: captions.mapValues { [$0] })
    }
    #expect(scores.images[1].spice == 0.5)
    #expect(scores.images[0].spice?.isNaN == true && scores[.spice]?.isNaN == true)
    #expect(try Bootstrap().intervals(of: scores)[.spice] == nil)
  }

  /// The jar of the Python package, where METEOR_JAR names it and Java is there.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["METEOR_JAR"] != nil, "needs METEOR_JAR"))
  func meteorEqualsPycocoevalcap() throws {
    let jar = try #require(ProcessInfo.processInfo.environment["METEOR_JAR"])
    let golden = try GoldenScores.named("captions")
    var scores = try CaptionScores(candidates: golden.candidates, references: golden.references)
    try scores.addMETEOR(jar: jar, candidates: golden.candidates, references: golden.references)
    #expect(scores[.meteor] == golden.corpus["METEOR"])
    #expect(scores.images.map(\.meteor) == golden.images["METEOR"])
  }
}
