using System.Globalization;
using System.Text;

namespace Tributary.Benchmarks.Measuring;

/// <summary>A metrics page in text, small enough to be read without care.</summary>
internal sealed class MetricsPage
{
    private readonly List<(string Name, string Labels, double Value)> samples = [];

    /// <summary>Reads a page.</summary>
    public MetricsPage(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            var space = line.LastIndexOf(' ');
            if (line.StartsWith('#') || space < 0)
            {
                continue;
            }

            var series = line[..space];
            var brace = series.IndexOf('{', StringComparison.Ordinal);
            if (double.TryParse(line[(space + 1)..], CultureInfo.InvariantCulture, out var value))
            {
                samples.Add(brace < 0 ? (series, "", value) : (series[..brace], series[brace..], value));
            }
        }
    }

    /// <exception cref="BenchmarkException">The server does not answer 200.</exception>
    public static MetricsPage Get(int port, string path)
    {
        var answer = RawHttp.Get(port, path, keep: true);
        return answer.Status == 200
            ? new MetricsPage(Encoding.UTF8.GetString(answer.Body!))
            : throw new BenchmarkException($"{path} answered {answer.Status}");
    }

    /// <summary>The sum over all series of a name.</summary>
    /// <exception cref="BenchmarkException">There is none.</exception>
    public double Sum(string name)
    {
        var found = samples.Where(s => s.Name == name).ToList();
        return found.Count > 0 ? found.Sum(s => s.Value) : throw new BenchmarkException($"no metric {name}");
    }

    public bool Has(string name) => samples.Exists(s => s.Name == name);

    /// <summary>The sum over all series of a name for each value of a label.</summary>
    public IReadOnlyDictionary<string, double> ByLabel(string name, string label) =>
        samples
            .Where(s => s.Name == name)
            .GroupBy(s => Label(s.Labels, label), StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Sum(s => s.Value), StringComparer.Ordinal);

    private static string Label(string labels, string name)
    {
        var at = labels.IndexOf(name + "=\"", StringComparison.Ordinal);
        if (at < 0)
        {
            return "";
        }

        at += name.Length + 2;
        return labels[at..labels.IndexOf('"', at)];
    }
}
