using Tributary.Configuration;
using Tributary.Configuration.Yaml;

namespace Tributary.Tests.Unit.Configuration;

public sealed class ExportConfigTests
{
    private const string Path = "destination: 'exports/{name}/{date}/{time}.csv'";

    [Fact]
    public void Export_AsInTheDocumentation_IsRead()
    {
        var config = Read(
            """
            tributary:
              exports:
              - name: daily-slo
                schedule: '0 5 0 * * *'
                query: 'sum by (cluster) (rate(errors[10m] offset 1h))'
                range: 24h
                step: 1m
                format: csv
                compression: gzip
                destination: 'exports/{name}/{date}/{time}.csv.gz'
                retention: 90d
              - name: raw
                interval: 1h
                match: ['{job="a"}', 'up']
                range: 1h
                format: prometheus-blocks
                destination: 'https://host/{name}/{timestamp}?sig=SECRET'
                method: POST
                authorization: { credentials_file: token }
                wait: 0
                catch_up: 1d
            """
        );
        var (slo, raw) = (config.Exports[0], config.Exports[1]);
        Assert.Equal(("daily-slo", "0 5 0 * * *"), (slo.Name, slo.Schedule.Text));
        Assert.Equal(
            (TimeSpan.FromDays(1), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(70)),
            (slo.Range, slo.Step, slo.LookBack)
        );
        Assert.Equal((ExportFormat.Csv, true, TimeSpan.FromDays(90)), (slo.Format, slo.IsCompressed, slo.Retention));
        Assert.Equal((ExportConfig.DefaultWait, ExportConfig.DefaultCatchUp), (slo.Wait, slo.CatchUp));
        Assert.Equal("exports/daily-slo/2026-11-20/000500.csv.gz", slo.Destination.Of(slo.Name, 1_795_133_100_000));
        Assert.Equal(["{job=\"a\"}", "up"], raw.Match);
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromDays(1), true), (raw.Wait, raw.CatchUp, raw.Destination.UsesPost));
        Assert.Equal(
            "https://host/raw/1795133100",
            raw.Destination.Shown(raw.Destination.Of(raw.Name, 1_795_133_100_000))
        );
        Assert.NotNull(raw.Http.Authorization);
        Assert.Empty(config.Warnings);
        Assert.Contains("name: daily-slo", config.EffectiveYaml, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", config.EffectiveYaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nmae: x\ninterval: 1h\nquery: up\n" + Path, "name")]
    [InlineData("interval: 1h\nmatch: [up]\nrnage: 24h\n" + Path, "range")]
    [InlineData("interval: 1h\nquery: up\nstep: 1m\nragne: 24h\n" + Path, "range")]
    [InlineData("shcedule: '0 5 0 * * *'\nquery: up\n" + Path, "schedule")]
    [InlineData("intervall: 1h\nquery: up\n" + Path, "interval")]
    [InlineData("interval: 1h\nqeury: up\n" + Path, "query")]
    [InlineData("interval: 1h\nquery: up\ndestinaton: 'exports/{name}/{date}.csv'", "destination")]
    public void Field_WithLettersSwapped_IsOneError_ThatNamesIt(string fields, string meant)
    {
        var name = meant == "name" ? "" : "name: e\n";
        var text = string.Join('\n', (name + fields).Split('\n').Select(line => "    " + line));
        var error = Assert.Throws<ConfigException>(() => Read($"tributary:\n  exports:\n  -\n{text}\n"));
        Assert.Single(error.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"did you mean {meant}?", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("interval: 1h\n" + Path + "\nrange: 1h", "4:5: tributary: exports: query is missing")]
    [InlineData("query: up\n" + Path, "schedule is missing")]
    [InlineData("schedule: '* *'\nquery: up\n" + Path, "5:15: tributary: exports: schedule \"* *\": has 2 fields")]
    [InlineData(
        "schedule: '0 0 0 * * *'\ninterval: 1h\nquery: up\n" + Path,
        "schedule and interval exclude each other"
    )]
    [InlineData("interval: 1s\nquery: up\n" + Path, "interval is shorter than 10s")]
    [InlineData("interval: 1h\nquery: 'sum('\n" + Path, "6:12: tributary: exports: query: 1:5: parse error")]
    [InlineData("interval: 1h\nquery: 'up[5m]'\n" + Path, "query must be an instant vector or a scalar")]
    [InlineData("interval: 1h\nquery: up\nmatch: [up]\n" + Path, "query and match exclude each other")]
    [InlineData("interval: 1h\nquery: up\nstep: 1m\n" + Path, "step goes with range")]
    [InlineData("interval: 1h\nmatch: [up]\n" + Path, "range is missing")]
    [InlineData(
        "interval: 1h\nmatch: ['{}']\nrange: 1h\n" + Path,
        "match[] must contain at least one non-empty matcher"
    )]
    [InlineData("interval: 1h\nmatch: []\nrange: 1h\n" + Path, "match needs 1 to 50 selectors")]
    [InlineData(
        "interval: 1h\nquery: up\nformat: xml\n" + Path,
        "7:13: tributary: exports: format \"xml\" is not known"
    )]
    [InlineData("interval: 1h\nquery: up\ncompression: zip\n" + Path, "compression \"zip\" is not known")]
    [InlineData(
        "interval: 1h\nquery: up\nformat: prometheus-blocks\ncompression: gzip\n" + Path,
        "blocks are compressed already"
    )]
    [InlineData(
        "interval: 1h\nquery: 'up @ start()'\nrange: 1d\nstep: 1s\n" + Path,
        "can have 11000 moments at the most"
    )]
    [InlineData("interval: 1h\nquery: up", "destination is missing")]
    [InlineData("interval: 1h\nquery: up\ndestination: exports/a.csv", "destination needs {date} or {timestamp}")]
    [InlineData("interval: 1h\nquery: up\ndestination: 'blocks/{date}.csv'", "blocks is Tributary's own")]
    [InlineData("interval: 1h\nquery: up\ndestination: '{date}.csv'", "begins with the name of a container")]
    [InlineData(
        "interval: 1h\nquery: up\ndestination: 'exports/a b/{date}.csv'",
        "\"a b\" is no part of a path in the store"
    )]
    [InlineData(
        "interval: 1h\nquery: up\ndestination: 'exports/../{date}.csv'",
        "\"..\" is no part of a path in the store"
    )]
    [InlineData("interval: 1h\nquery: up\ndestination: 'exports/{dat}.csv'", "\"{dat}\" is not known")]
    [InlineData("interval: 1h\nquery: up\ndestination: 'ftp://h/x'", "only https:// and http:// are served")]
    [InlineData("interval: 1h\nquery: up\ndestination: 'https://u:p@h/x'", "has a user in its URL")]
    [InlineData("interval: 1h\nquery: up\ndestination: 'https://h/x'\nmethod: GET", "method \"GET\" is not known")]
    [InlineData(
        "interval: 1h\nquery: up\nbasic_auth: {username: u}\n" + Path,
        "basic_auth goes with a destination that begins with https://"
    )]
    [InlineData("interval: 1h\nquery: up\ndestinaton: x\n" + Path, "did you mean destination?")]
    public void Mistakes_AreNamedWithTheirPlaces(string fields, string problem)
    {
        var error = Assert.Throws<ConfigException>(() =>
            Read(
                $"global: {{}}\ntributary:\n  exports:\n  - name: a\n    {fields.Replace("\n", "\n    ", StringComparison.Ordinal)}\n"
            )
        );
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("-a")]
    [InlineData("a.")]
    [InlineData("a/b")]
    public void Name_ThatIsNoPartOfAPath_IsRefused(string name)
    {
        var error = Assert.Throws<ConfigException>(() =>
            Read($"tributary: {{exports: [{{name: '{name}', interval: 1h, query: up, {Path}}}]}}")
        );
        Assert.Contains("is no name", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_AreUnique()
    {
        var one = $"{{name: a, interval: 1h, query: up, {Path}}}";
        var error = Assert.Throws<ConfigException>(() =>
            Read($"tributary: {{exports: [{one}, {one.Replace("name: a", "name: A", StringComparison.Ordinal)}]}}")
        );
        Assert.Contains("there is another export with the name \"A\"", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("interval: 1h", "exports/{name}/{date}.csv", "is the same for several runs")]
    [InlineData("schedule: '0 0 6,18 * * *'", "file:/srv/{name}-{date}-{hour}.csv", "")]
    [InlineData("schedule: '0 0 6 * * *'", "exports/{name}/{date}.csv", "")]
    [InlineData("schedule: '0 0 0 1 * *'", "exports/{name}/{date}.csv", "")]
    [InlineData("interval: 1h", "exports/{date}/{time}.csv", "is also that of the export \"a\"")]
    [InlineData("schedule: '0 30 5 * * *'", "exports/{date}/{time}.csv", "")]
    [InlineData("interval: 1h", "https://h/in", "")]
    public void OutputsThatOverwriteEachOther_AreWarnedOf(string schedule, string destination, string problem)
    {
        var config = Read(
            $$"""
            tributary:
              exports:
              - {name: a, schedule: '0 0 12 * * *', query: up, destination: 'exports/{date}/{time}.csv'}
              - {name: b, {{schedule}}, query: up, destination: '{{destination}}'}
            """
        );
        Assert.Equal(problem.Length > 0 ? 1 : 0, config.Warnings.Count);
        Assert.All(config.Warnings, warning => Assert.Contains(problem, warning.ToString(), StringComparison.Ordinal));
    }

    private static CollectorConfig Read(string text) => ConfigReader.Read(text, "tributary.yml", ConfigFiles.OfProcess);
}
