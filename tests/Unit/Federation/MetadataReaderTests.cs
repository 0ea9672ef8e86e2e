using System.Text;
using System.Text.Json;
using Tributary.Federation;
using Tributary.Model;

namespace Tributary.Tests.Unit.Federation;

public sealed class MetadataReaderTests
{
    private const string Answer = """
        {"status":"success","data":{
          "go_goroutines":[{"type":"gauge","help":"Number of \"goroutines\" that currently exist.","unit":""}],
          "unwanted":[{"type":"gauge","help":"u","unit":""}],
          "process_cpu_seconds":[{"type":"counter","help":"","unit":"seconds"},{"type":"gauge","help":"other","unit":""}],
          "odd":[{"help":"no type","more":{"a":[1,{"help":"deeper"}]}}],
          "strange":[{"type":"untyped","help":"h","unit":"u"}],
          "empty":[]},
         "warnings":["status"]}
        """;

    private static readonly MetricMetadata[] Expected =
    [
        new("go_goroutines", "gauge", "Number of \"goroutines\" that currently exist.", ""),
        new("process_cpu_seconds", "counter", "", "seconds"),
        new("odd", "unknown", "no type", ""),
        new("strange", "unknown", "h", "u"),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Read_AnswerInPiecesOfAnySize_KeepsWhatIsWanted(int piece) =>
        Assert.Equal(Expected, await ReadAsync(new Pieces(Encoding.UTF8.GetBytes(Answer), piece)));

    [Fact]
    public async Task Read_TextLongerThanTheFirstBuffer_IsReadAndCut()
    {
        var help = new string('h', 300_000);
        var answer = $$$"""{"status":"success","data":{"a":[{"type":"gauge","help":"{{{help}}}","unit":""}]}}""";
        var item = Assert.Single(await ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(answer))));
        Assert.Equal(("a", "gauge", 4096), (item.Family, item.Type, item.Help.Length));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html></html>")]
    [InlineData("""{"status":"success","data":{"a":[""")]
    [InlineData("""{"status":"error","error":"no","data":{}}""")]
    [InlineData("[]")]
    public async Task Read_SomethingElse_IsAnError(string answer) =>
        await Assert.ThrowsAnyAsync<JsonException>(() => ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(answer))));

    [Fact]
    public async Task Read_TextWithoutEnd_IsAnError()
    {
        var endless = new Pieces([.. "{\"status\":\""u8, .. new byte[2 * 1024 * 1024]], 65_536);
        await Assert.ThrowsAnyAsync<Exception>(() => ReadAsync(endless));
        var text = Encoding.UTF8.GetBytes("{\"status\":\"" + new string('s', 3 * 1024 * 1024));
        var error = await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(new Pieces(text, 65_536)));
        Assert.Contains("more than 1048576 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_EndlessAnswer_IsAnError()
    {
        var item = Encoding.UTF8.GetBytes("\"a\":[{\"type\":\"gauge\"}],");
        var answer = new List<byte>("{\"status\":\"success\",\"data\":{"u8.ToArray());
        while (answer.Count <= MetadataReader.MaxBodyBytes)
        {
            answer.AddRange(item);
        }
        var error = await Assert.ThrowsAsync<InvalidDataException>(() =>
            new MetadataReader(_ => false).ReadAsync(new MemoryStream(answer.ToArray()), CancellationToken.None)
        );
        Assert.Contains("longer than 33554432 bytes", error.Message, StringComparison.Ordinal);
    }

    private static Task<IReadOnlyList<MetricMetadata>> ReadAsync(Stream answer) =>
        new MetadataReader(family => family != "unwanted").ReadAsync(answer, TestContext.Current.CancellationToken);

    /// <summary>Bytes that arrive in small pieces.</summary>
    private sealed class Pieces(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
