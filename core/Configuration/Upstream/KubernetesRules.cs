using System.Text.RegularExpressions;
using Tributary.Configuration.Http;
using Tributary.Configuration.Yaml;

namespace Tributary.Configuration.Upstream;

/// <summary>The fields of <c>kubernetes_sd_configs</c>, and what they demand.</summary>
internal static partial class KubernetesRules
{
    private const string Roles = "role=node|pod|service|endpoints|endpointslice|ingress";

    private const string Name = @"([A-Za-z0-9]([-.A-Za-z0-9_]*[A-Za-z0-9])?)";

    /// <summary>A label's key, with the prefix that it may have.</summary>
    private const string Key = @"([a-z0-9]([-.a-z0-9]*[a-z0-9])?/)?" + Name;

    /// <summary>One condition of a label selector.</summary>
    private const string Condition =
        $@"\s*(!\s*{Key}|{Key}(\s*(=|==|!=)\s*{Name}?|\s*[<>]\s*-?[0-9]+|\s+(in|notin)\s*\(\s*{Name}?(\s*,\s*{Name}?)*\s*\))?)\s*";

    /// <summary>The roles of selectors that a role takes.</summary>
    private static readonly Dictionary<string, string[]> SelectorRoles = new(StringComparer.Ordinal)
    {
        ["endpoints"] = ["pod", "service", "endpoints"],
        ["endpointslice"] = ["pod", "service", "endpointslice"],
        ["ingress"] = ["ingress"],
        ["node"] = ["node"],
        ["pod"] = ["pod", "node"],
        ["service"] = ["service"],
    };

    private static readonly Schema Selector = Schema.Of($"{Roles} label field", CheckSelector);

    public static Schema Schema { get; } =
        Schema
            .Of($"!{Roles} api_server:url kubeconfig_file @http", Check)
            .With("namespaces", Schema.Of("own_namespace:flag names:texts"))
            .WithList("selectors", Selector)
            .With("attach_metadata", Schema.Of("node:flag namespace:flag deployment:flag job:flag cronjob:flag"));

    private static void Check(Section section)
    {
        section.AtMostOne("kubeconfig_file", "api_server");
        CheckClient(section);
        CheckNamespaces(section);
        CheckSelectors(section);
    }

    private static void CheckClient(Section section)
    {
        // A list of its own: what is wrong with the fields is reported already.
        var quiet = Section.Open(section.Mapping, "", new ErrorList("", section.Errors.Variable))!;
        if (HttpClientReader.Read(quiet) == HttpClientConfig.Default)
        {
            return;
        }
        if (section.Has("kubeconfig_file"))
        {
            section.Refuse(section.At, "kubeconfig_file goes without settings of the HTTP client: it has its own");
        }
        else if (section.Field("api_server") is null)
        {
            section.Refuse(section.At, "settings of the HTTP client need api_server beside them");
        }
    }

    private static void CheckNamespaces(Section section)
    {
        if (section.Field("namespaces") is not YamlMapping mapping)
        {
            return;
        }
        var namespaces = Section.Open(mapping, "", new ErrorList(""))!;
        if (!namespaces.Flag("own_namespace", false))
        {
            return;
        }
        foreach (var field in (string[])["api_server", "kubeconfig_file"])
        {
            if (field == "api_server" ? section.Field(field) is not null : section.Has(field))
            {
                var at = namespaces.Field("own_namespace")!.At;
                section.Refuse(at, $"namespaces: own_namespace and {field} exclude each other; keep one of them");
            }
        }
    }

    private static void CheckSelectors(Section section)
    {
        var allowed = SelectorRoles.GetValueOrDefault(section.Text("role") ?? "");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in section.List("selectors"))
        {
            if ((node as YamlMapping)?.Find("role")?.Value is not YamlScalar role)
            {
                section.Refuse(node.At, "selectors: role is missing");
                continue;
            }
            if (!seen.Add(role.Text))
            {
                section.Refuse(role.At, $"selectors: role {Words.Quote(role.Text)} is there twice");
            }
            if (allowed is not null && !allowed.Contains(role.Text, StringComparer.Ordinal))
            {
                var problem = $"selectors: role {Words.Quote(role.Text)} does not go with this role";
                section.Refuse(role.At, $"{problem}, which takes {string.Join(", ", allowed)}");
            }
        }
    }

    private static void CheckSelector(Section section)
    {
        if (section.Text("label") is { } label && !LabelSelector().IsMatch(label))
        {
            section.Refuse(section.Field("label")!.At, $"label {Words.Quote(label)} is not a label selector");
        }
        if (section.Text("field") is { } field && !FieldSelector().IsMatch(field))
        {
            section.Refuse(section.Field("field")!.At, $"field {Words.Quote(field)} is not a field selector");
        }
    }

    [GeneratedRegex($@"^(\s*|{Condition}(,{Condition})*)\z", RegexOptions.NonBacktracking)]
    private static partial Regex LabelSelector();

    /// <summary>Conditions <c>path=value</c>, <c>==</c> or <c>!=</c> with commas between; a backslash hides a comma.</summary>
    [GeneratedRegex(
        @"^([^,=]*(=|==)([^,=\\]|\\[,=\\])*)?(,([^,=]*(=|==)([^,=\\]|\\[,=\\])*)?)*\z",
        RegexOptions.NonBacktracking
    )]
    private static partial Regex FieldSelector();
}
