using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tributary.Api;
using Tributary.Model;
using Tributary.Storage.Selection;

namespace Tributary.Tests.Unit.Api;

public sealed class LookUpJsonTests
{
    private static readonly JsonWriterOptions Writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    [Theory]
    [InlineData("plain", "value")]
    [InlineData("quotes", "a \"b\" \\ c\nd")]
    [InlineData("control", "a\tb\u0001c\rd")]
    [InlineData("utf8.name", "Größe=\"日本\" 🙂")]
    [InlineData("odd name=\"x\"", "v")]
    [InlineData("long", null)]
    public void Series_AreObjectsOfTheirLabels(string name, string? value)
    {
        value ??= new string('ä', 5000);
        var labels = LabelSet.Of("__name__", "m", name, value, "zz", "last");
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output, Writing);
        json.WriteStartArray();
        LabelsJson.Write(json, labels);
        LabelsJson.Write(json, labels);
        json.WriteEndArray();
        json.Flush();
        using var read = JsonDocument.Parse(output.WrittenMemory);
        Assert.Equal(2, read.RootElement.GetArrayLength());
        foreach (var item in read.RootElement.EnumerateArray())
        {
            Assert.Equal(
                labels.Labels.ToArray().Select(label => (label.Name, label.Value)),
                item.EnumerateObject().Select(property => (property.Name, property.Value.GetString()!))
            );
        }
    }

    [Fact]
    public void LargeAnswers_AreWrittenInPieces()
    {
        var series = Enumerable.Range(0, 20_000).Select(n => LabelSet.Of("__name__", "m", "n", $"{n}")).ToList();
        var answer = LookUpJson.Of(new LookUp<LabelSet>(series, []));
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output, Writing);
        var whole = new MemoryStream();
        while (answer.WritePiece(json))
        {
            json.Flush();
            Assert.InRange(output.WrittenCount, 1, 80 * 1024);
            whole.Write(output.WrittenSpan);
            output.ResetWrittenCount();
        }
        using var read = JsonDocument.Parse(whole.ToArray());
        Assert.Equal("success", read.RootElement.GetProperty("status").GetString());
        Assert.Equal(series.Count, read.RootElement.GetProperty("data").GetArrayLength());
    }
}
