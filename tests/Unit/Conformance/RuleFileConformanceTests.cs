using System.Text.Json;
using Tributary.Configuration.Relabel;
using Tributary.Configuration.Rules;
using Tributary.Configuration.Yaml;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>Files of rules: what Prometheus takes and what it refuses.</summary>
public sealed class RuleFileConformanceTests
{
    [Fact]
    public void RuleFmt_Files_AreTakenOrRefused() =>
        ConformanceData.Run("rulefmt", ConformanceData.Lines("rulefmt/verdicts.jsonl"), Judge);

    [Fact]
    public void AlertGenerator_Rules_AreTaken()
    {
        var path = ConformanceData.PathOf("alert-generator/rules.yaml");
        string[] files = File.Exists(path) ? [path] : [];
        ConformanceData.Run(
            "alert-generator (loads)",
            files,
            file => ErrorOf(file, new RuleFileOptions(), out var count) ?? (count == 0 ? "no groups" : null)
        );
    }

    private static string? Judge(JsonElement verdict)
    {
        var file = verdict.GetProperty("file").GetString()!;
        var isLegacy = verdict.GetProperty("name_validation").GetString() is "legacy";
        var isGood = verdict.GetProperty("expect").GetString() is "accept";
        var options = new RuleFileOptions
        {
            NameValidation = isLegacy ? NameValidationScheme.Legacy : NameValidationScheme.Utf8,
            Syntax = ParserOptions.All,
        };
        var error = ErrorOf(ConformanceData.PathOf($"rulefmt/{file}"), options, out var count);
        return isGood == error is null
            ? isGood && count == 0
                ? $"{file}: no groups"
                : null
            : $"{file}: {error ?? "it was taken"}";
    }

    private static string? ErrorOf(string path, RuleFileOptions options, out int groups)
    {
        groups = 0;
        try
        {
            groups = RuleFileReader.Read(File.ReadAllText(path), path, options).Count;
            return null;
        }
        catch (ConfigException exception)
        {
            return exception.Message;
        }
    }
}
