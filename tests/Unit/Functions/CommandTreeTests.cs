using Tributary.Functions.CommandLine;

namespace Tributary.Tests.Unit.Functions;

public sealed class CommandTreeTests
{
    [Theory]
    [InlineData("")]
    [InlineData("serve")]
    [InlineData("--listen :1")]
    [InlineData("serve --config a.yml --storage=local:x --listen [::1]:0")]
    [InlineData("--storage AccountName=a;AccountKey=b==")]
    [InlineData("--web.external-url https://x/y --web.route-prefix=/y --web.cors.origin .*x")]
    public async Task PlainServe_Arguments_AreReadAsTheTreeReadsThem(string line)
    {
        var args = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var plain = PlainServe.TryParse(args);
        Assert.NotNull(plain);
        Assert.Equal((0, $"serve {plain}", ""), await RunAsync(args));
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("serve -h")]
    [InlineData("--version")]
    [InlineData("log ls")]
    [InlineData("hash-password")]
    [InlineData("check config")]
    [InlineData("--listen")]
    [InlineData("--listen --config a")]
    [InlineData("--listen :1 --listen :2")]
    [InlineData("--listem :1")]
    [InlineData("serve serve")]
    public void PlainServe_AnythingElse_IsLeftToTheTree(string line)
    {
        Assert.Null(PlainServe.TryParse(line.Split(' ')));
    }

    [Theory]
    [InlineData("log ls --storage local:x", "ls")]
    [InlineData("log --storage local:x ls", "ls")]
    [InlineData("--storage local:x log verify", "verify")]
    public async Task Tree_LogVerbs_TakeTheStorage(string line, string verb)
    {
        var expected = $"{verb} {new CommandOptions(Storage: "local:x")}";
        Assert.Equal((0, expected, ""), await RunAsync(line.Split(' ')));
    }

    [Theory]
    [InlineData("cost", "cost    False")]
    [InlineData("cost --days 7 --interval 60s --match up --match {a=\"b\"} --json", "cost 7 60s up+{a=\"b\"} True")]
    public async Task Tree_Cost_TakesWhatWouldChange(string line, string expected)
    {
        Assert.Equal((0, $"{expected} {new CommandOptions()}", ""), await RunAsync(line.Split(' ')));
    }

    [Fact]
    public async Task Tree_TestRules_TakesFilesAndTheOptionsOfPromtool()
    {
        string[] args =
        [
            .. "test rules a.yml b.yml --run x.* --run y --diff --debug --ignore-unknown-fields --junit j.xml".Split(
                ' '
            ),
            "--enable-feature=promql-experimental-functions",
        ];
        Assert.Equal(
            (
                ExitCode.Done,
                $"test a.yml+b.yml x.*+y True True True j.xml promql-experimental-functions {new CommandOptions()}",
                ""
            ),
            await RunAsync(args)
        );
    }

    [Fact]
    public async Task Tree_CheckRules_TakesFilesAndWhatIsIgnored()
    {
        var expected = $"rules a.yml+b.yml True {new CommandOptions(Config: "c")}";
        string[] args = ["check", "rules", "a.yml", "b.yml", "--ignore-unknown-fields", "--config", "c"];
        Assert.Equal((0, expected, ""), await RunAsync(args));
    }

    [Fact]
    public async Task Tree_HashPassword_TakesNothing()
    {
        Assert.Equal((0, "hash", ""), await RunAsync(["hash-password"]));
        Assert.Equal(ExitCode.Usage, (await RunAsync(["hash-password", "secret"])).Code);
    }

    [Theory]
    [InlineData("--konfig x", "--config")]
    [InlineData("serve --konfig x", "--config")]
    [InlineData("serve --listem :1", "--listen")]
    [InlineData("log ls --storge local:x", "--storage")]
    [InlineData("sreve", "serve")]
    public async Task Tree_Typo_IsAnsweredWithASuggestion(string line, string suggestion)
    {
        var (code, _, error) = await RunAsync(line.Split(' '));
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(suggestion, error.Split('\n').Select(text => text.Trim()));
    }

    [Theory]
    [InlineData("check config", "check  False False", null)]
    [InlineData("check config --config x.yml", "check  False False", "x.yml")]
    [InlineData("check config a.yml b.yml --agent", "check a.yml+b.yml True False", null)]
    [InlineData("check config --live a.yml", "check a.yml False True", null)]
    public async Task Tree_CheckConfig_TakesFiles(string line, string check, string? config)
    {
        var expected = $"{check} {new CommandOptions(Config: config)}";
        Assert.Equal((0, expected, ""), await RunAsync(line.Split(' ')));
    }

    [Theory]
    [InlineData("blocks ls", "ls", null, null, false, false)]
    [InlineData("blocks ls --json", "ls", null, null, true, false)]
    [InlineData("blocks inspect A", "inspect", "A", null, false, false)]
    [InlineData("blocks verify", "verify", null, null, false, false)]
    [InlineData("blocks verify A --json", "verify", "A", null, true, false)]
    [InlineData("blocks import data", "import", null, "data", false, false)]
    [InlineData("blocks download A out", "download", "A", "out", false, false)]
    [InlineData("blocks release A", "release", "A", null, false, false)]
    [InlineData("blocks rebuild-manifest --yes", "rebuild-manifest", null, null, false, true)]
    [InlineData("blocks gc", "gc", null, null, false, false)]
    public async Task Tree_Blocks_TakesItsVerbs(
        string line,
        string verb,
        string? ulid,
        string? folder,
        bool isJson,
        bool isYes
    )
    {
        var request = new BlocksRequest(verb, ulid, folder, isJson, isYes);
        var expected = $"{request} {new CommandOptions(Storage: "local:x")}";
        Assert.Equal((0, expected, ""), await RunAsync([.. line.Split(' '), "--storage", "local:x"]));
    }

    [Theory]
    [InlineData("source ls", SourceRequest.List, null)]
    [InlineData("source test prometheus-a:9090", SourceRequest.Test, "prometheus-a:9090")]
    public async Task Tree_Source_TakesItsVerbs(string line, string verb, string? name)
    {
        var expected = $"{new SourceRequest(verb, name)} {new CommandOptions(Config: "c.yml")}";
        Assert.Equal((0, expected, ""), await RunAsync([.. line.Split(' '), "--config", "c.yml"]));
    }

    [Theory]
    [InlineData("promql format up", PromqlRequest.FormatVerb, "up", false)]
    [InlineData("promql format", PromqlRequest.FormatVerb, null, false)]
    [InlineData("promql parse --json -", PromqlRequest.ParseVerb, "-", true)]
    public async Task Promql_Verb_RunsWithTheQuery(string line, string verb, string? query, bool json)
    {
        var expected = $"{new PromqlRequest(verb, query, json)} {new CommandOptions()}";
        Assert.Equal((0, expected, ""), await RunAsync(line.Split(' ')));
    }

    [Theory]
    [InlineData("blocks")]
    [InlineData("blocks import")]
    [InlineData("blocks download A")]
    [InlineData("blocks ls --yes")]
    [InlineData("bogus")]
    [InlineData("check")]
    [InlineData("check confg")]
    [InlineData("--listem :1")]
    [InlineData("serve --listen")]
    [InlineData("promql")]
    [InlineData("source")]
    [InlineData("source test")]
    [InlineData("source test a b")]
    [InlineData("source ls a")]
    [InlineData("promql format a b")]
    [InlineData("promql parse up --storage local:x")]
    [InlineData("log")]
    [InlineData("log ls --listen :1")]
    public async Task Tree_Mistake_EndsWithUsage(string line)
    {
        var (code, ran, error) = await RunAsync(line.Split(' '));
        Assert.Equal(ExitCode.Usage, code);
        Assert.Equal("", ran);
        Assert.NotEqual("", error);
    }

    private static async Task<(int Code, string Ran, string Error)> RunAsync(string[] args)
    {
        var ran = "";
        Func<CommandOptions, Task<int>> Verb(string name) =>
            options =>
            {
                ran += $"{name} {options}";
                return Task.FromResult(ExitCode.Done);
            };
        Task<int> Hash()
        {
            ran += "hash";
            return Task.FromResult(ExitCode.Done);
        }
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var verbs = new CommandVerbs(
            Verb("serve"),
            Verb("ls"),
            Verb("verify"),
            (options, request) => Verb($"{request}")(options),
            (options, request) => Verb($"{request.Verb} {string.Join('+', request.Texts)}")(options),
            Hash,
            (options, request) =>
                Verb($"check {string.Join('+', request.Files)} {request.IsAgent} {request.IsLive}")(options),
            (options, request) =>
                Verb($"rules {string.Join('+', request.Files)} {request.IgnoresUnknownFields}")(options),
            request =>
                Verb(
                    $"test {string.Join('+', request.Files)} {string.Join('+', request.Run)} {request.ShowsDiff} "
                        + $"{request.IsDebug} {request.IgnoresUnknownFields} {request.JUnit} {request.Features}"
                )(new CommandOptions()),
            request => Verb($"{request}")(new CommandOptions()),
            (options, request) => Verb($"{request}")(options),
            (options, request) => Verb($"{request}")(options),
            (options, request) => Verb($"{request}")(options),
            (options, request) =>
                Verb($"cost {request.Days} {request.Interval} {string.Join('+', request.Match)} {request.IsJson}")(
                    options
                )
        );
        var code = await new CommandTree(verbs).RunAsync(args, output, error);
        return (code, ran, error.ToString());
    }
}
