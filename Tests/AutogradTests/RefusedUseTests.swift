#if compiler(>=6.2)
  import Tensors
  import Testing

  @testable import Autograd

  /// What would make a gradient wrong without a word ends the program, and tells of which parameter.
  @Suite struct RefusedUseTests {
    /// A square weight, a table and some rows on a tape.
    private struct Bench {
      let backend: Backend
      let tape: Tape
      let weight = Parameter("w", shape: [4, 4], .zeros)
      let table = Parameter("wte", shape: [9, 4], .zeros)
      let positions = Parameter("wpe", shape: [3, 4], .zeros)
      let x: Variable

      init(checkpointing: Bool = false, recording: Bool = true, training: Bool = true) throws {
        backend = try Backend(threads: 1)
        tape = Tape(on: backend, recording: recording, checkpointingActivations: checkpointing)
        _ = ParameterArena([weight, table, positions], isTrainable: { _ in training }, on: backend)
        let packing = Packing(lengths: [3], laneSizes: [1])
        x = Variable(backend.zeros(3, 4), packing: packing, requiresGradient: true)
      }

      func linear(_ x: Variable) -> Variable {
        tape.linear(tape.input(x), weight: weight, layout: .inputsByOutputs)
      }

      func embed(_ sources: [InputRow], prefix: Variable? = nil) -> Variable {
        tape.embed(
          sources, positions: [0, 1, 2], prefix: prefix, tokens: table, positionTable: positions,
          packing: x.packing)
      }

      func loss(_ x: Variable) {
        let targets = Targets(ids: [1, 2, 3], weights: [1, 1, 1], lossDenominator: 3)
        _ = tape.fusedLinearCrossEntropy(tape.input(x), table: table, targets: targets)
      }

      func backward(from output: Variable) {
        output.addGradient(backend.zeros(output.rows, output.width), on: backend)
        tape.backward()
      }
    }

    private func expect(
      _ ending: ExitTest.Result, says words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
      // The release build ends without a word.
      #if DEBUG
        let said = String(decoding: ending.standardErrorContent, as: UTF8.self)
        #expect(said.contains(words), sourceLocation: sourceLocation)
      #endif
    }

    /// The sum of a lane's products and of its rows is nothing that a product in bfloat16 can add.
    @Test func aWeightThatIsAddedToRows() async throws {
      let ending = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        let bench = try Bench()
        bench.backward(from: bench.linear(bench.tape.appendConstantRows(bench.x, bench.weight)))
      }
      expect(ending, says: "“w” is added to rows here")
    }

    /// Where no gradient is written, parameters may be used as often as one likes.
    @Test(arguments: [(true, false), (false, true)]) func manyUses(recording: Bool, training: Bool) throws {
      let bench = try Bench(recording: recording, training: training)
      bench.backward(from: bench.linear(bench.linear(bench.embed([.token(1), .token(1), .token(2)]))))
    }

    @Test func rowsThatAreNotThere() async {
      await #expect(processExitsWith: .failure) {
        let bench = try Bench()
        _ = bench.tape.gatherRows(bench.x, [0, 2, 3], packing: bench.x.packing)
      }
    }

    @Test func tokensThatAreNotThere() async {
      await #expect(processExitsWith: .failure) {
        _ = try Bench().embed([.token(1), .token(9), .token(2)])
      }
      await #expect(processExitsWith: .failure) {
        let bench = try Bench()
        let targets = Targets(ids: [1, 9, 2], weights: [1, 1, 1], lossDenominator: 3)
        _ = bench.tape.fusedLinearCrossEntropy(
          bench.tape.input(bench.x), table: bench.table, targets: targets)
      }
    }

    @Test func prefixRowsThatAreNotThere() async {
      await #expect(processExitsWith: .failure) {
        let bench = try Bench()
        _ = bench.embed([.prefix(0), .prefix(3), .token(1)], prefix: bench.x)
      }
    }
  }
#endif
