package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/dcconform/dcconform/suites/browser"
)

func newBrowserCommand() *cobra.Command {
	var install bool
	var explicit string
	c := &cobra.Command{
		Use:   "browser",
		Short: "Say which browser would drive the consent pages, or install one",
		Long: `browser looks for Chrome, Chromium or Edge and prints the path.

With --install it installs Chromium where that is possible without a prompt
(Debian and its kin, as root or with a password-less sudo); elsewhere it prints
the command to run.

Exit codes: 0 there is one, 2 usage, 3 there is none, or it could not be
installed.`,
		Example: `  dcconform browser
  dcconform browser --install`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			found, err := browser.Find(explicit)
			if err != nil && install && explicit == "" {
				if err = browser.Install(c.Context(), c.ErrOrStderr()); err == nil {
					found, err = browser.Find("")
				}
			}
			if err != nil {
				fmt.Fprintf(c.ErrOrStderr(), "dcconform browser: %v\n", err)
				return exitError(3)
			}
			fmt.Fprintln(c.OutOrStdout(), found)
			return nil
		},
	}
	c.Flags().BoolVar(&install, "install", false, "install one when none is found")
	c.Flags().StringVar(&explicit, "browser", "", "`path` of the browser to use")
	return c
}
