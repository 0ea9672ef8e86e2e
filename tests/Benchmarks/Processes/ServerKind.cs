using System.Globalization;
using Tributary.Benchmarks.Measuring;

namespace Tributary.Benchmarks.Processes;

/// <summary>A server that can be measured: how to start it and how to read its counters.</summary>
internal abstract class ServerKind(string name, string executable)
{
    public string Name { get; } = name;

    public string Executable { get; } = executable;

    /// <summary>The command line.</summary>
    /// <param name="folder">Where it keeps its data.</param>
    /// <param name="configuration">The path of a `prometheus.yml`.</param>
    /// <param name="port">Where it listens on 127.0.0.1.</param>
    public abstract IReadOnlyList<string> Arguments(string folder, string configuration, int port);

    /// <summary>What is added to its environment; the parameters are those of <see cref="Arguments"/>.</summary>
    public virtual IReadOnlyDictionary<string, string> Variables(string folder, string configuration, int port) =>
        new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The counters of its own metrics page.</summary>
    public abstract ServerCounters Counters(MetricsPage page, string folder);

    /// <summary>How many samples it holds decoded in memory; infinite when its first answer says that all are.</summary>
    /// <exception cref="BenchmarkException">It does not say.</exception>
    public abstract double DecodedSamples(MetricsPage page);

    protected static string Address(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");

    protected static double FolderBytes(string folder)
    {
        var files = new DirectoryInfo(folder);
        return files.Exists ? files.EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => (double)f.Length) : 0;
    }
}
