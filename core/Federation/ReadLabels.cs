using System.Text;
using System.Text.Unicode;
using Tributary.Exposition;
using Tributary.Scraping;

namespace Tributary.Federation;

/// <summary>The labels at the beginning of a series of remote read: messages of field 1.</summary>
internal static class ReadLabels
{
    private const byte LabelsTag = (1 << 3) | 2;

    /// <summary>How many bytes the labels take; they stand in front of everything else.</summary>
    public static int LengthOf(ReadOnlySpan<byte> series)
    {
        var at = 0;
        while (at < series.Length && series[at] == LabelsTag)
        {
            var size = WireReader.TryReadVarint(series[(at + 1)..], out var length);
            if (size <= 0 || length > (ulong)(series.Length - at - 1 - size))
            {
                throw new SourceApiException(SourceApiProblem.Damaged, "a label is longer than its series");
            }
            at += 1 + size + (int)length;
        }
        return at;
    }

    /// <summary>Reads them.</summary>
    public static void Read(ReadOnlySpan<byte> bytes, List<(string Name, string Value)> labels)
    {
        var reader = new WireReader(bytes, 0);
        while (reader.Next())
        {
            var label = reader.ReadMessage("labels");
            var (name, value) = ("", "");
            while (label.Next())
            {
                switch (label.Field)
                {
                    case 1:
                        name = Text(label.ReadBytes("name"));
                        break;
                    case 2:
                        value = Text(label.ReadBytes("value"));
                        break;
                    default:
                        label.Skip();
                        break;
                }
            }
            labels.Add((name, value));
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) =>
        Utf8.IsValid(bytes)
            ? Encoding.UTF8.GetString(bytes)
            : throw new ScrapeException($"not valid UTF-8: {ExpositionException.Excerpt(bytes)}");
}
