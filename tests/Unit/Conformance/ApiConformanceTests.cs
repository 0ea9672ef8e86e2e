using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Tributary.Api;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Endpoints;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>What a Prometheus 3.14 says of its own API: its paths, and its features.</summary>
public sealed class ApiConformanceTests
{
    private const int PathIndent = 4;
    private const string Write = "a later part";
    private const string Search = "behind a feature flag of Prometheus, and not served: features say so";

    private static readonly string[] Methods = ["get", "put", "post"];

    /// <summary>What is not served, and why; a path that is served must not stand here.</summary>
    private static readonly Dictionary<string, string> Unserved = new(StringComparer.Ordinal)
    {
        ["post /otlp/v1/metrics"] = Write,
        ["get /search/metric_names"] = Search,
        ["post /search/metric_names"] = Search,
        ["get /search/label_names"] = Search,
        ["post /search/label_names"] = Search,
        ["get /search/label_values"] = Search,
        ["post /search/label_values"] = Search,
        ["get /status/self_metrics"] = "the same figures stand at /metrics",
        ["get /scrape_pools/config"] = "/api/v1/status/config has all jobs",
        ["get /targets/relabel_steps"] = "tributary check and the dropped targets say which rule did what",
    };

    /// <summary>Features that we do not have, or have and Prometheus has not, each with the reason.</summary>
    private static readonly Dictionary<string, string> OtherFeatures = new(StringComparer.Ordinal)
    {
        ["api/lifecycle"] = "reloading needs no option, but credentials or loopback",
        ["api/openapi_3.1"] = "the API is not described by a document of ours",
        ["api/openapi_3.2"] = "the API is not described by a document of ours",
        ["api/search_fuzz_alg_jarowinkler"] = Search,
        ["api/search_fuzz_alg_subsequence"] = Search,
        ["prometheus/auto_reload_config"] = "the configuration is read again when it changes",
        ["prometheus/stringlabels"] = "how Go keeps labels in memory",
        ["tsdb/xor2_encoding"] = "chunks are plain XOR, which every reader knows",
        ["ui/ui_v3"] = "there is a status page of our own",
    };

    /// <summary>Categories of which we have parts only: what we say must be among Prometheus' names.</summary>
    private static readonly string[] PartialCategories = ["service_discovery_providers", "templating_functions"];

    [Fact]
    public void Api_EveryPathOfPrometheus_IsServed_OrListed()
    {
        var path = ConformanceData.PathOf("api/openapi_3.1_golden.yaml.gz");
        if (!File.Exists(path))
        {
            ConformanceData.Report("api (paths)", 0, []);
            return;
        }
        using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip, Encoding.UTF8);
        var operations = Operations(reader.ReadToEnd());
        Assert.True(operations.Count > 40, "the document is read otherwise than it is written");
        Assert.Subset(operations.ToHashSet(StringComparer.Ordinal), Unserved.Keys.ToHashSet(StringComparer.Ordinal));
        ConformanceData.Run(
            "api (paths)",
            operations,
            operation =>
            {
                var parts = operation.Split(' ');
                var address = "/api/v1" + parts[1].Replace("{name}", "job", StringComparison.Ordinal);
                var isServed = Routes.Find(address) is { } route && route.Takes(parts[0]);
                return isServed != Unserved.ContainsKey(operation) ? null
                    : isServed ? $"{operation} is served, and listed as unserved"
                    : $"{operation} is not served";
            }
        );
    }

    [Fact]
    public void Features_AreThoseOfPrometheus_OrListed()
    {
        var path = ConformanceData.PathOf("api/features-3.14.json");
        if (!File.Exists(path))
        {
            ConformanceData.Report("api (features)", 0, []);
            return;
        }
        using var expected = JsonDocument.Parse(File.ReadAllBytes(path));
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            FeaturesJson.Write(json, new QuerySettings().Engine, false, false);
        }
        using var actual = JsonDocument.Parse(body.WrittenMemory);
        var (wanted, found) = (Flatten(expected.RootElement), Flatten(actual.RootElement));
        ConformanceData.Run(
            "api (features)",
            wanted.Keys.Union(found.Keys, StringComparer.Ordinal),
            name =>
            {
                var isPartial = PartialCategories.Contains(name.Split('/')[0], StringComparer.Ordinal);
                if (!wanted.TryGetValue(name, out var isOn))
                {
                    return $"{name} is no feature of Prometheus";
                }
                if (!found.TryGetValue(name, out var isOurs))
                {
                    return isPartial ? null : $"{name} is missing";
                }
                return isOn == isOurs != OtherFeatures.ContainsKey(name) ? null : $"{name} is {isOurs}";
            }
        );
    }

    /// <summary>The lines of paths and methods, by their indentation.</summary>
    private static List<string> Operations(string yaml)
    {
        var operations = new List<string>();
        var path = "";
        foreach (var line in yaml.Split('\n'))
        {
            var indent = line.Length - line.TrimStart(' ').Length;
            var name = line.Trim().TrimEnd(':');
            if (indent == PathIndent && name.StartsWith('/'))
            {
                path = name;
            }
            else if (indent == 2 * PathIndent && path.Length > 0 && Methods.Contains(name, StringComparer.Ordinal))
            {
                operations.Add($"{name} {path}");
            }
        }
        return operations;
    }

    private static Dictionary<string, bool> Flatten(JsonElement features) =>
        features
            .EnumerateObject()
            .SelectMany(category =>
                category
                    .Value.EnumerateObject()
                    .Select(item => ($"{category.Name}/{item.Name}", item.Value.GetBoolean()))
            )
            .ToDictionary(StringComparer.Ordinal);
}
