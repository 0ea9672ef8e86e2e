using System.Globalization;
using System.Text;
using Tributary.Model;

namespace Tributary.Tests.EndToEnd.Reading;

/// <summary>A line of <c>/federate</c>, read by a reader that shares nothing with the product's.</summary>
internal sealed record FederatedSample(LabelSet Series, long TimestampMs, double Value)
{
    public string Name => Series.MetricName;

    /// <summary>All samples of an answer.</summary>
    public static IReadOnlyList<FederatedSample> Parse(string body) =>
        [.. body.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(ParseLine)];

    private static FederatedSample ParseLine(string line)
    {
        var end = line.LastIndexOf('}');
        var fields = line[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, fields.Length);
        var brace = line.IndexOf('{', StringComparison.Ordinal);
        var labels = new List<Label> { new(LabelSet.MetricNameLabel, line[..brace]) };
        for (var at = brace + 1; at < end; at++)
        {
            var equals = line.IndexOf('=', at);
            var (value, next) = ParseText(line, equals + 2);
            labels.Add(new Label(line[at..equals], value));
            at = next;
        }
        return new FederatedSample(
            LabelSet.Of(labels),
            long.Parse(fields[1], CultureInfo.InvariantCulture),
            ParseValue(fields[0])
        );
    }

    /// <summary>A label's value from behind its quote, and where its closing quote's follower stands.</summary>
    private static (string Value, int Next) ParseText(string line, int at)
    {
        var value = new StringBuilder();
        for (; line[at] != '"'; at++)
        {
            if (line[at] == '\\')
            {
                at++;
                value.Append(line[at] == 'n' ? '\n' : line[at]);
            }
            else
            {
                value.Append(line[at]);
            }
        }
        return (value.ToString(), at + 1);
    }

    private static double ParseValue(string text) =>
        text switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => double.Parse(text, CultureInfo.InvariantCulture),
        };
}
