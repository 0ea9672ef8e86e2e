using Tributary.Stores.Local;

namespace Tributary.Tests.Unit.Stores.Local;

/// <summary>The two copies of a header, in each state that a killed writer or damage leaves.</summary>
public sealed class MirroredHeaderTests : IDisposable
{
    private const uint Magic = 0x01020304;
    private const int Second = MirroredHeader.SecondOffset;

    private readonly TestFolder test = new();

    public void Dispose() => test.Dispose();

    [Theory]
    [InlineData("new", "old", 2)]
    [InlineData("new", "torn", 2)]
    [InlineData("torn", "old", 1)]
    [InlineData("new", "new", 2)]
    [InlineData("torn", "new", 2)]
    public void Mirror_AfterAnInterruptedWrite_MakesBothCopiesTheRecordThatCounts(
        string first,
        string second,
        byte expected
    )
    {
        var folder = new StoreFolder(test.Path);
        Directory.CreateDirectory(test.Path);
        var path = Path.Join(test.Path, "header");
        File.WriteAllBytes(path, MirroredHeader.NewFile(Magic, [1]));
        var bytes = new Dictionary<string, byte[]> { ["old"] = File.ReadAllBytes(path)[..20] };
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        MirroredHeader.Write(file, Magic, MirroredHeader.Read(file, Magic, 1, folder, path), [2], folder, path);
        bytes["new"] = new byte[20];
        RandomAccess.Read(file, bytes["new"], 0);
        bytes["torn"] = [.. bytes["new"][..13], .. bytes["old"][13..]];
        RandomAccess.Write(file, bytes[first], 0);
        RandomAccess.Write(file, bytes[second], Second);

        var record = MirroredHeader.Read(file, Magic, 1, folder, path);
        Assert.Equal(expected, Assert.Single(record.Payload));
        MirroredHeader.Mirror(file, Magic, record);

        // Whichever copy the next writer is killed in, the other one has the record.
        foreach (var broken in new[] { 0, Second })
        {
            var whole = new byte[Second + 20];
            RandomAccess.Read(file, whole, 0);
            RandomAccess.Write(file, "killed"u8, broken);
            Assert.Equal(expected, Assert.Single(MirroredHeader.Read(file, Magic, 1, folder, path).Payload));
            RandomAccess.Write(file, whole, 0);
        }
    }
}
