using System.Runtime.InteropServices;
using Tributary.Benchmarks;

// Only a run of claims has children; it ends them itself when a signal comes.
using var stop = new CancellationTokenSource();
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => stop.Cancel());
try
{
    return await Commands.RunAsync(new Arguments(args), stop.Token);
}
catch (BenchmarkException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 2;
}
catch (Exception e)
{
    // Without this the runtime aborts and nothing that was started is ended.
    await Console.Error.WriteLineAsync(e.ToString());
    return 3;
}
