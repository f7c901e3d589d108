import Support
import Testing

@Test func tableAlignsItsColumns() {
  let table = TextTable(facts: [("speed", "7", "GB/s"), ("best", "12.5", "")])
  #expect(table.description == "speed     7  GB/s\nbest   12.5")
}

@Test func decimalsAreFixed() {
  #expect(decimal(1.005, 1) == "1.0" && decimal(-2, 2) == "-2.00" && decimal(0.25, 0) == "0")
  #expect(decimal(nil, 2) == "–" && decimal(.nan, 2) == "–")
}
