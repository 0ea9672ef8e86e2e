using System.Globalization;
using System.Text.RegularExpressions;
using Tributary.Configuration.Yaml;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>Single values that an API server refuses: texts that are numbers, names with a dot, quantities without a unit.</summary>
internal static partial class KubernetesValues
{
    private const string TextFields = "labels matchLabels selector annotations data";
    private const string NumberFields =
        "replicas port containerPort runAsUser runAsGroup fsGroup periodSeconds timeoutSeconds failureThreshold "
        + "terminationGracePeriodSeconds";

    private const string QuantityFields = "cpu memory storage sizeLimit";

    /// <summary>Of fields with few values, those; https://kubernetes.io/docs/reference/kubernetes-api/.</summary>
    private static readonly Dictionary<string, string> Choices = new(StringComparer.Ordinal)
    {
        ["accessModes"] = "ReadWriteOnce ReadWriteOncePod",
        ["policyTypes"] = "Ingress",
        ["fsGroupChangePolicy"] = "OnRootMismatch Always",
        ["readOnly"] = "true false",
        ["runAsNonRoot"] = "true",
        ["apiGroup"] = "rbac.authorization.k8s.io",
        ["protocol"] = "TCP",
        ["pod-security.kubernetes.io/enforce"] = "restricted",
    };

    /// <summary>Adds what is wrong with the values below a node.</summary>
    public static void Check(YamlNode node, string where, List<string> problems)
    {
        foreach (var entry in node.Entries())
        {
            var place = $"{where}: {entry.KeyAt.Line}: {entry.Key}";
            CheckField(entry, place, problems);
            Check(entry.Value, where, problems);
        }
        foreach (var item in node.Items())
        {
            Check(item, where, problems);
        }
    }

    /// <summary>A quantity in Mi or Gi as bytes; 0 when it is none.</summary>
    public static long BytesOf(string quantity) =>
        quantity.Length > 2
        && long.TryParse(quantity[..^2], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? quantity[^2..] switch
            {
                "Mi" => number << 20,
                "Gi" => number << 30,
                _ => 0,
            }
            : 0;

    private static void CheckField(YamlEntry entry, string place, List<string> problems)
    {
        if (Has(TextFields, entry.Key) || entry.Key == "value")
        {
            var texts = entry.Value is YamlScalar ? [entry.Value] : entry.Value.Entries().Select(one => one.Value);
            problems.AddRange(
                texts.Where(text => text is YamlScalar && !text.IsText()).Select(_ => $"{place} has to be in quotes")
            );
        }
        else if (
            entry.Key == "name"
            && entry.Value.Text() is { } name
            && !Name().IsMatch(name)
            && !Variable().IsMatch(name)
        )
        {
            problems.Add($"{place} cannot be '{name}'");
        }
        else if (entry.Value.Text() is { } text && !IsRight(entry, text))
        {
            problems.Add($"{place} cannot be '{text}'");
        }
        else if (Choices.TryGetValue(entry.Key, out var choices))
        {
            problems.AddRange(
                entry.Value.Texts().Where(one => !Has(choices, one)).Select(one => $"{place} cannot be '{one}'")
            );
        }
    }

    private static bool IsRight(YamlEntry entry, string text) =>
        Has(QuantityFields, entry.Key) ? Quantity().IsMatch(text)
        : Has(NumberFields, entry.Key) ? IsNumber(entry.Value) || (entry.Key == "port" && IsPortName(text))
        : entry.Key == "defaultMode" ? Mode().IsMatch(text)
        : !Choices.TryGetValue(entry.Key, out var choices) || Has(choices, text);

    /// <summary>None of them may be 0: no pods, no user but root, no probe at all.</summary>
    private static bool IsNumber(YamlNode node) =>
        node is YamlScalar { IsPlain: true } scalar
        && Number().IsMatch(scalar.Text)
        && scalar.Text.Trim('0').Length > 0;

    /// <summary>Ports of probes and policies may have names.</summary>
    private static bool IsPortName(string text) => Name().IsMatch(text) && !Number().IsMatch(text);

    private static bool Has(string words, string word) => words.Split(' ').Contains(word, StringComparer.Ordinal);

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", RegexOptions.NonBacktracking)]
    private static partial Regex Name();

    [GeneratedRegex("^[A-Z][A-Z0-9_]*$", RegexOptions.NonBacktracking)]
    private static partial Regex Variable();

    [GeneratedRegex("^[0-9]+(m|k|M|G|Ki|Mi|Gi|Ti)?$", RegexOptions.NonBacktracking)]
    private static partial Regex Quantity();

    [GeneratedRegex("^[0-9]+$", RegexOptions.NonBacktracking)]
    private static partial Regex Number();

    /// <summary>With the 0 of an octal number: without it, 440 is another mode.</summary>
    [GeneratedRegex("^0[0-7]{3}$", RegexOptions.NonBacktracking)]
    private static partial Regex Mode();
}
