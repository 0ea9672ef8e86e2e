using System.Globalization;
using System.Text;
using Tributary.Exposition;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>Delimited <c>io.prometheus.client.MetricFamily</c> messages as text, whatever the order of their fields.</summary>
internal static class MetricFamilyText
{
    /// <summary>The fields that are messages: of a family its metrics, of a metric its labels and values, …</summary>
    private static readonly Dictionary<string, int[]> Messages = new(StringComparer.Ordinal)
    {
        ["family"] = [4],
        ["family/4"] = [1, 2, 3, 4, 5, 7],
    };

    /// <summary>Whether two bodies hold equal families in the same order.</summary>
    public static bool AreEqual(byte[] expected, byte[] actual) =>
        expected.Length > 0 && Families(expected).SequenceEqual(Families(actual), StringComparer.Ordinal);

    private static List<string> Families(byte[] body)
    {
        var families = new List<string>();
        for (var at = 0; at < body.Length; )
        {
            var prefix = WireReader.TryReadVarint(body.AsSpan(at), out var length);
            families.Add(Render(body.AsSpan(at + prefix, (int)length), "family"));
            at += prefix + (int)length;
        }
        return families;
    }

    private static string Render(ReadOnlySpan<byte> message, string place)
    {
        var fields = new List<(int Field, string Text)>();
        var reader = new WireReader(message, 0);
        while (reader.Next())
        {
            var start = (int)reader.Offset;
            var field = reader.Field;
            var isMessage = Messages.GetValueOrDefault(place)?.Contains(field) == true;
            if (isMessage)
            {
                fields.Add((field, Render(reader.ReadBytes("message"), $"{place}/{field}")));
                continue;
            }
            reader.Skip();
            fields.Add((field, Convert.ToHexString(message[start..(int)reader.Offset])));
        }
        var text = new StringBuilder("{");
        foreach (var (field, value) in fields.OrderBy(pair => pair.Field))
        {
            text.Append(CultureInfo.InvariantCulture, $"{field}:{value} ");
        }
        return text.Append('}').ToString();
    }
}
