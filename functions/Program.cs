Console.WriteLine("tributary");
