using System.Buffers;
using System.Globalization;
using System.Text;
using Tributary.Binary;
using Tributary.Model;

namespace Tributary.Alerting;

/// <summary>The body of a request to an Alertmanager, byte for byte as Prometheus sends it.</summary>
/// <remarks>https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml (<c>postableAlerts</c>).</remarks>
public static class NotificationsJson
{
    /// <summary>What Go's JSON writer escapes: also what HTML might take for its own, and two ends of lines.</summary>
    private static readonly SearchValues<char> Special = SearchValues.Create(
        "\"\\<>&\u2028\u2029" + string.Concat(Enumerable.Range(0, 0x20).Select(code => (char)code))
    );

    /// <summary>Writes notifications as a list.</summary>
    public static void Write(ByteWriter output, IReadOnlyList<Notification> notifications)
    {
        var separator = (byte)'[';
        foreach (var notification in notifications)
        {
            output.WriteByte(separator);
            WriteOne(output, notification);
            separator = (byte)',';
        }
        output.WriteBytes(separator == (byte)'[' ? "[]"u8 : "]"u8);
    }

    private static void WriteOne(ByteWriter output, Notification notification)
    {
        output.WriteByte((byte)'{');
        if (notification.Annotations.Count > 0)
        {
            output.WriteBytes("\"annotations\":"u8);
            WriteLabels(output, notification.Annotations);
            output.WriteByte((byte)',');
        }
        output.WriteBytes("\"endsAt\":"u8);
        WriteTime(output, notification.EndsAtMs);
        output.WriteBytes(",\"startsAt\":"u8);
        WriteTime(output, notification.StartsAtMs);
        output.WriteBytes(",\"generatorURL\":"u8);
        WriteText(output, notification.GeneratorUrl);
        output.WriteBytes(",\"labels\":"u8);
        WriteLabels(output, notification.Labels.Labels.ToArray());
        output.WriteByte((byte)'}');
    }

    private static void WriteLabels(ByteWriter output, IReadOnlyList<Label> labels)
    {
        var separator = (byte)'{';
        foreach (var label in labels)
        {
            output.WriteByte(separator);
            WriteText(output, label.Name);
            output.WriteByte((byte)':');
            WriteText(output, label.Value);
            separator = (byte)',';
        }
        output.WriteBytes(separator == (byte)'{' ? "{}"u8 : "}"u8);
    }

    private static void WriteTime(ByteWriter output, long timestampMs) =>
        WriteText(
            output,
            DateTimeOffset
                .FromUnixTimeMilliseconds(timestampMs)
                .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)
        );

    private static void WriteText(ByteWriter output, string text)
    {
        output.WriteByte((byte)'"');
        var rest = text.AsSpan();
        while (rest.IndexOfAny(Special) is var at and >= 0)
        {
            output.WriteBytes(Encoding.UTF8.GetBytes(rest[..at].ToString()));
            WriteEscaped(output, rest[at]);
            rest = rest[(at + 1)..];
        }
        output.WriteBytes(Encoding.UTF8.GetBytes(rest.ToString()));
        output.WriteByte((byte)'"');
    }

    private static void WriteEscaped(ByteWriter output, char special)
    {
        var escaped = special switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\b' => "\\b",
            '\f' => "\\f",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)special:x4}"),
        };
        output.WriteBytes(Encoding.UTF8.GetBytes(escaped));
    }
}
