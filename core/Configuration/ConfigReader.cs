using Tributary.Configuration.Rules;
using Tributary.Configuration.Upstream;
using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads a configuration file, <c>prometheus.yml</c> with our own section beside Prometheus'.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/</remarks>
public static class ConfigReader
{
    /// <summary>The configuration that <paramref name="text"/> spells, with environment variables and files of this process.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="file">The file: what errors call it, and where relative paths begin.</param>
    /// <exception cref="ConfigException">It is not valid; the exception has every error.</exception>
    public static CollectorConfig Read(string text, string file) => Read(text, file, ConfigFiles.OfProcess);

    /// <summary>As <see cref="Read(string, string)"/>, with the values of environment variables by their names.</summary>
    public static CollectorConfig Read(string text, string file, Func<string, string?> environment) =>
        Read(text, file, ConfigFiles.OfProcess with { Environment = environment });

    /// <summary>As <see cref="Read(string, string)"/>, with everything from outside.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="file">The file: what errors call it, and where relative paths begin.</param>
    /// <param name="files">Further files and the environment.</param>
    /// <param name="isAgent">Whether it is checked as a configuration of Prometheus' agent mode.</param>
    public static CollectorConfig Read(string text, string file, ConfigFiles files, bool isAgent = false)
    {
        var errors = new ErrorList(file, files.Environment);
        var config = new CollectorConfig();
        if (OpenRoot(text, FieldTable.Root, errors) is { } root)
        {
            config = ReadRoot(root, files, isAgent);
        }
        else if (!errors.Any)
        {
            errors.Add(new YamlMark(1, 1), "the file is empty; it needs at least a section scrape_configs");
        }
        errors.ThrowIfAny();
        return config with { Warnings = errors.Warnings };
    }

    /// <summary>
    /// The paths with wildcards that a configuration names under <c>scrape_config_files</c> and <c>rule_files</c>; those
    /// that begin with <c>blob:</c> are names of blobs. None when it is broken.
    /// </summary>
    public static IReadOnlyList<string> FilePatterns(string text, string file)
    {
        var errors = new ErrorList(file);
        return OpenRoot(text, FieldTable.Root, errors) is { } root
            ? [.. ScrapeFilesReader.PatternsOf(root), .. RuleFilesReader.PatternsOf(root)]
            : [];
    }

    /// <summary>The paths with wildcards, or names of blobs, of <c>rule_files</c> alone.</summary>
    public static IReadOnlyList<string> RulePatterns(string text, string file) =>
        OpenRoot(text, FieldTable.Root, new ErrorList(file)) is { } root ? RuleFilesReader.PatternsOf(root) : [];

    /// <summary>What a configuration says of all its rule files.</summary>
    public static RuleFileOptions RuleOptions(string text, string file)
    {
        var errors = new ErrorList(file);
        return OpenRoot(text, FieldTable.Root, errors) is { } root
            ? RuleOptions(GlobalConfigReader.Read(root), ConfigFiles.OfProcess)
            : new RuleFileOptions();
    }

    /// <summary>The whole of a file as a section; null when it is empty, or broken, which is then among the errors.</summary>
    internal static Section? OpenRoot(string text, FieldTable fields, ErrorList errors)
    {
        var root = YamlTree.Read(text.TrimStart('\ufeff'), errors);
        if (root is null or YamlScalar { IsNull: true })
        {
            return null;
        }
        var section = Section.Open(root, "", errors);
        section?.CheckFields(fields);
        return section;
    }

    private static CollectorConfig ReadRoot(Section root, ConfigFiles files, bool isAgent)
    {
        var global = GlobalConfigReader.Read(root);
        var reader = new ScrapeConfigReader(global);
        var jobs = reader.ReadAll(root);
        UpstreamSections.Check(root, global.NameValidation);
        if (isAgent)
        {
            CheckAgent(root);
        }
        var (federate, query, web) = TributaryReader.Read(root);
        List<ReadJob> all = [.. jobs, .. new ScrapeFilesReader(files, reader).ReadAll(root)];
        var configs = SourceConfigReader.ReadInto([.. all.Select(job => job.Config)], root);
        all = [.. all.Zip(configs, (job, config) => job with { Config = config })];
        var within = new SelectorComparison();
        all.ForEach(job => FederateAdvice.Check(job, within));
        SourceAdvice.Check(all, new SelectorComparison());
        return new CollectorConfig
        {
            Global = global,
            ScrapeConfigs = configs,
            Backfill = SourceConfigReader.ReadBackfill(root),
            Federate = federate,
            Query = query,
            Web = web,
            Exports = ExportReader.Read(root),
            Costs = CostReader.Read(root),
            OutOfOrderTimeWindow = StorageReader.ReadTimeWindow(root),
            RuleGroups = new RuleFilesReader(files, RuleOptions(global, files)).ReadAll(root),
            Rules = RulesReader.Read(root),
            Alerting = AlertingReader.Read(root, global.NameValidation),
            Storage = StorageReader.ReadRetention(root) with { Attached = AttachedReader.Read(root) },
            RemoteWrites = RemoteWriteReader.ReadAll(root, global.NameValidation),
            RemoteWriteMaxAge = RemoteWriteReader.ReadMaxAge(root),
            EffectiveYaml = EffectiveConfig.Write(root, global, jobs),
        };
    }

    private static RuleFileOptions RuleOptions(GlobalConfig global, ConfigFiles files) =>
        new()
        {
            Interval = global.EvaluationInterval,
            QueryOffset = global.RuleQueryOffset,
            NameValidation = global.NameValidation,
            Syntax = files.Syntax,
        };

    /// <summary>Reports the sections that Prometheus' agent has no use for.</summary>
    private static void CheckAgent(Section root)
    {
        foreach (var field in (ReadOnlySpan<string>)["alerting", "rule_files", "remote_read"])
        {
            var isSaid = root.Field(field) switch
            {
                YamlMapping mapping => mapping.Entries.Any(entry => entry.Value is YamlSequence { Items.Count: > 0 }),
                YamlSequence list => list.Items.Count > 0,
                _ => false,
            };
            if (isSaid)
            {
                root.Refuse(root.Mapping.Find(field)!.KeyAt, $"{field} is not allowed in agent mode");
            }
        }
    }
}
