// (empty as yet)
