import Testing

@testable import Doctor

@Suite struct HugePageModesTests {
  @Test func theChosenModeStandsInBrackets() {
    #expect(HugePageModes.chosen("always [madvise] never") == "madvise")
    #expect(HugePageModes.chosen("") == nil)
    #expect(HugePageModes.chosen(nil) == nil)
  }

  @Test func sharedMemoryHasThemByAnOptionOfItsMount() {
    func mode(_ mounts: Substring...) -> String? { HugePageModes.mode(of: "/dev/shm", mounts: mounts) }
    #expect(mode("tmpfs /dev/shm tmpfs rw,nosuid,size=6291456k,huge=advise 0 0") == "advise")
    #expect(mode("tmpfs /dev/shm tmpfs rw,nosuid 0 0") == "never")
    #expect(
      mode("tmpfs /dev/shm tmpfs rw,huge=always 0 0", "tmpfs /run tmpfs rw 0 0", "shm /dev/shm tmpfs rw 0 0")
        == "never")
    #expect(mode("/dev/sda1 /dev/shm ext4 rw 0 0") == nil)
    #expect(mode() == nil)
  }
}
